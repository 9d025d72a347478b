/** External data: where a tensor's bytes lie beside the model, and the guard that keeps them in its folder. */
import { realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { UserError } from '../errors.js';
import type { Payload } from '../tensor/tensor.js';
import type { Message } from './protobuf.js';
import { type ByteSource, fileSource } from './source.js';
import { spanPayload } from './span-payload.js';

/** One tensor's place, as its external_data entries state it. */
export interface ExternalPlace {
  readonly location: string;
  readonly offset: number;
  readonly length?: number;
}

/** A place that some tensor reads. */
export interface Reference extends Required<ExternalPlace> {
  /** How errors call the tensor. */
  readonly tensor: string;
}

/** The files beside one model, opened when first read. */
export class ExternalFiles {
  /** Every place that a tensor of the model refers to, in the order they were met. */
  readonly references: Reference[] = [];
  readonly #byLocation = new Map<string, ByteSource>();
  readonly #byPath = new Map<string, ByteSource>();

  /** @param modelPath undefined when the model was loaded from bytes: then nothing external can be read. */
  constructor(readonly modelPath: string | undefined) {}

  /**
   * The source of a location.
   * @throws UserError when the file is missing, or when a link leads out of the model's folder.
   */
  source(location: string, tensor: string): ByteSource {
    const known = this.#byLocation.get(location);
    if (known) return known;
    if (this.modelPath === undefined) {
      throw new UserError(tensor, `external data '${location}' has no folder; load the model from its file`);
    }
    const folder = dirname(this.modelPath);
    const path = join(folder, location);
    const real = realpath(path, tensor);
    const inside = relative(realpathSync(folder), real);
    if (inside === '' || inside.startsWith('..') || isAbsolute(inside)) {
      throw new UserError(tensor, `external data '${location}' leads out of the model's folder; copy the file there`);
    }
    // two spellings of one file are one source
    const source = this.#byPath.get(real) ?? fileSource(path);
    this.#byPath.set(real, source);
    this.#byLocation.set(location, source);
    return source;
  }

  /** Tensors that read any of the bytes `[start, end)` of a file. */
  readers(source: ByteSource, start: number, end: number): Reference[] {
    return this.references.filter(
      ({ location, offset, length, tensor }) =>
        offset < end && offset + length > start && this.source(location, tensor) === source,
    );
  }

  /** The bytes of a tensor, checked against the file when first touched. */
  payload(place: ExternalPlace, bytes: number, tensor: string): Payload {
    this.references.push({ ...place, length: bytes, tensor });
    return this.bytesAt(place, bytes, tensor);
  }

  /** As `payload`, for a tensor that is among the references already. */
  bytesAt(place: ExternalPlace, bytes: number, tensor: string): Payload {
    const open = (): Payload => {
      const source = this.source(place.location, tensor);
      if (place.offset + bytes > source.size) {
        throw new UserError(
          tensor,
          `expected external data '${place.location}' to have ${place.offset + bytes} bytes, got ${source.size}; the file is cut short or another model's`,
        );
      }
      return spanPayload(source, place.offset, bytes);
    };
    return {
      byteLength: bytes,
      read: (offset, length) => open().read(offset, length),
      get file() {
        return open().file;
      },
    };
  }
}

/** @throws UserError naming the tensor when an entry is malformed or points out of the model's folder. */
export function placeOf(entries: Message<'TensorProto'>['externalData'], tensor: string): ExternalPlace {
  const values = new Map(entries.map(({ key, value }) => [key, value]));
  const location = values.get('location') ?? '';
  if (!isInside(location)) {
    throw new UserError(
      tensor,
      `expected external data inside the model's folder, got location '${location}'; copy the file there and export the model again`,
    );
  }
  const length = count(values.get('length'), 'length', tensor);
  return {
    location,
    offset: count(values.get('offset'), 'offset', tensor) ?? 0,
    ...(length === undefined ? {} : { length }),
  };
}

/** Relative, without `..`, and not a drive, share or device of any system. */
const isInside = (location: string): boolean =>
  location !== '' &&
  !/^[\\/]|^[a-z]:|\0/i.test(location) &&
  !location.split(/[\\/]/).includes('..') &&
  !join(location).startsWith(`..${sep}`);

function count(text: string | undefined, what: string, tensor: string): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new UserError(
    tensor,
    `expected the external data's ${what} to be a count of bytes, got '${text}'; the file is damaged`,
  );
}

function realpath(path: string, tensor: string): string {
  try {
    return realpathSync(path);
  } catch (cause) {
    throw new UserError(tensor, `external data file '${path}' is missing; keep it beside the model`, { cause });
  }
}
