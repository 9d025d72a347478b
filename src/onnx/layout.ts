/** Weights laid out anew: which initializers lie outside of the model, in which of its files, and where in it. */
import { basename, dirname, join } from 'node:path';
import type { WeightLayout } from '../ir/types.js';
import type { Payload, Tensor } from '../tensor/tensor.js';
import type { ExternalPlace } from './external-data.js';
import { Rope } from './rope.js';
import type { Output } from './write-files.js';

/** File systems take 255 bytes; the rest is for numbers and ends. */
const longestBase = 150;
const longestHint = 60;

interface DataFile {
  readonly location: string;
  readonly content: Rope;
}

export class Layout {
  readonly #files: DataFile[] = [];
  readonly #places = new Map<Payload | string, Required<ExternalPlace>>();

  /** @param path of the model: the files lie beside it. */
  constructor(
    readonly plan: WeightLayout,
    readonly path: string,
  ) {}

  /** The place of an initializer, which is taken when it is first asked for; undefined: it stays in the model. */
  place({ dtype, payload }: Tensor, name: string): Required<ExternalPlace> | undefined {
    if (dtype === 'string' || payload.byteLength < Math.max(1, this.plan.threshold)) return undefined;
    const key = sharedKey(payload);
    const known = this.#places.get(key);
    if (known) return known;
    const { location, content } = this.#fileFor(payload.byteLength, name);
    const place = { location, offset: content.length, length: payload.byteLength };
    content.payload(payload);
    this.#places.set(key, place);
    return place;
  }

  /** Complete once every initializer has its place. */
  get outputs(): Output[] {
    return this.#files.map(({ location, content }) => ({ path: join(dirname(this.path), location), content }));
  }

  /** The file that the next bytes go to, filled up to where they begin. */
  #fileFor(bytes: number, name: string): DataFile {
    const { align, most } = this.plan;
    const last = this.#files.at(-1);
    const from = last && Math.ceil(last.content.length / align) * align;
    if (last && from !== undefined && from + bytes <= most) {
      last.content.bytes(new Uint8Array(from - last.content.length));
      return last;
    }
    const file = { location: this.#nameOf(name), content: new Rope() };
    this.#files.push(file);
    return file;
  }

  /** A name that no other has and every system takes, whatever the tensor is called: it is numbered. */
  #nameOf(tensor: string): string {
    const base = basename(this.path).slice(0, longestBase);
    if (this.plan.most === Number.POSITIVE_INFINITY) return `${base}.data`;
    const number = String(this.#files.length).padStart(4, '0');
    const hint = tensor.replaceAll(/[^A-Za-z0-9_-]+/g, '_').slice(-longestHint);
    return this.plan.most === 0 && hint !== '' ? `${base}.${number}.${hint}.data` : `${base}.${number}.data`;
  }
}

/** Tensors that share their bytes, in memory or in a file, go on sharing them. */
function sharedKey(payload: Payload): Payload | string {
  const { file } = payload;
  return file ? JSON.stringify([file.path, file.offset, file.length]) : payload;
}
