/** What a file of weights says of itself in its metadata: for each weight, how it is stored and what it is once dense. */
import { UserError } from '../../errors.js';
import { type DataType, dataTypes, sizeOf } from '../../tensor/dtype.js';

/** One weight of a file. Further fields are its coding's own. */
export interface Entry {
  readonly name: string;
  /** One of `codings`. */
  readonly coding: string;
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly [field: string]: unknown;
}

const format = 'onnx-scalpel-weights';
const version = '1';

export const metadataOf = (entries: readonly Entry[]): Map<string, string> =>
  new Map([
    ['format', format],
    ['version', version],
    ['weights', JSON.stringify(entries)],
  ]);

/** Whether they say how tensors are coded. */
export const isCoded = (metadata: ReadonlyMap<string, string>): boolean => metadata.get('format') === format;

/** @throws UserError when the metadata are not those of a file of weights, or contradict themselves. */
export function readEntries(metadata: ReadonlyMap<string, string>, where: string): readonly Entry[] {
  if (!isCoded(metadata)) {
    throw new UserError(
      where,
      `expected the metadata format '${format}', got ${quoted(metadata.get('format'))}; give a file that scalpel convert wrote`,
    );
  }
  if (metadata.get('version') !== version) {
    throw new UserError(
      where,
      `expected version ${version} of the format, got ${quoted(metadata.get('version'))}; read it with the scalpel that wrote it`,
    );
  }
  const entries = listOf(metadata.get('weights'), where).map((entry, i) => checked(entry, i, where));
  const names = new Set<string>();
  for (const { name } of entries) {
    if (names.has(name)) throw damaged(`${where}: '${name}'`, 'it is described twice');
    names.add(name);
  }
  return entries;
}

export const damaged = (where: string, what: string): UserError =>
  new UserError(where, `${what}; the file is damaged: write it again`);

/** Whether it is a list of whole numbers that are not negative. */
export const isSizes = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.length <= mostAxes && value.every((size) => Number.isSafeInteger(size) && size >= 0);

/** More than any op takes; work grows with it. */
const mostAxes = 64;

function listOf(text: string | undefined, where: string): readonly unknown[] {
  try {
    const list: unknown = JSON.parse(text ?? '');
    if (Array.isArray(list)) return list;
  } catch {
    // told below
  }
  throw damaged(where, "expected a JSON list as metadata 'weights', got something else");
}

function checked(entry: unknown, i: number, where: string): Entry {
  const { name, coding, dtype, shape, ...rest } = (entry ?? {}) as Record<string, unknown>;
  if (typeof name !== 'string') throw damaged(where, `expected a name of weight ${i}, got ${quoted(name)}`);
  if (typeof coding !== 'string') throw damaged(`${where}: '${name}'`, `expected a coding, got ${quoted(coding)}`);
  if (typeof dtype !== 'string' || !Object.hasOwn(dataTypes, dtype) || dtype === 'string') {
    throw damaged(`${where}: '${name}'`, `expected an element type, got ${quoted(dtype)}`);
  }
  if (!isSizes(shape) || !Number.isSafeInteger(sizeOf(shape) * 16)) {
    throw damaged(`${where}: '${name}'`, `expected a shape, got ${quoted(shape)}`);
  }
  return { ...rest, name, coding, dtype: dtype as DataType, shape };
}

const quoted = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value).slice(0, 60));
