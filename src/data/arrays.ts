/** Arrays from .npy and .npz files as a model's inputs, with the labels beside them. */
import { basename, extname } from 'node:path';
import { UserError, unsupported } from '../errors.js';
import { feeds } from '../ir/graph.js';
import type { Graph, TensorType, Value } from '../ir/types.js';
import { floatsOf, isConvertible, tensorOf } from '../tensor/convert.js';
import { dataTypes, sizeOf } from '../tensor/dtype.js';
import { loadNpy } from '../tensor/npy.js';
import { loadNpz } from '../tensor/npz.js';
import { random } from '../tensor/random.js';
import type { Tensor } from '../tensor/tensor.js';
import { pickRows } from './rows.js';

/** Names that mean the class of a sample; a model's own input of that name is an input. */
const labelNames = /^(labels?|y|targets?|classes)$/i;

/** The arrays of all files by name; a .npy file's array has the name of the file. @throws UserError when two have one name. */
export function readArrays(files: readonly string[]): Map<string, Tensor> {
  const arrays = new Map<string, Tensor>();
  for (const path of files) {
    const kind = extname(path).toLowerCase();
    const found = kind === '.npz' ? loadNpz(path) : new Map([[basename(path, extname(path)), loadNpy(path)]]);
    for (const [name, array] of found) {
      if (arrays.has(name)) throw new UserError(path, `a second array is named '${name}'; name each once`);
      arrays.set(name, array);
    }
  }
  return arrays;
}

export interface ArrayInputs {
  readonly count: number;
  readonly inputs: ReadonlyMap<Value, Tensor>;
  readonly labels?: Int32Array;
  readonly fixedBatch?: number;
}

/**
 * Matches arrays with inputs: as `map` says, by name, or, where one of each is left, by being the only one.
 * @param map array name by input name.
 * @throws UserError naming inputs without an array, and arrays of another shape or type than their input's.
 */
export function matchArrays(
  graph: Graph,
  arrays: ReadonlyMap<string, Tensor>,
  map: Readonly<Record<string, string>>,
  where: string,
): ArrayInputs {
  const wanted = feeds(graph);
  const names = new Set(wanted.map(({ name }) => name));
  const unknown = Object.keys(map).find((name) => !names.has(name));
  if (unknown !== undefined)
    throw new UserError(where, `the model has no input '${unknown}'; it has ${list([...names])}`);
  const matched = new Map<Value, readonly [string, Tensor]>();
  for (const input of wanted) {
    const name = Object.hasOwn(map, input.name) ? (map[input.name] as string) : input.name;
    const array = arrays.get(name);
    if (array) matched.set(input, [name, array]);
    else if (name !== input.name)
      throw new UserError(where, `has no array '${name}'; it has ${list([...arrays.keys()])}`);
  }
  const used = new Set([...matched.values()].map(([name]) => name));
  const labelName = [...arrays.keys()].find((name) => labelNames.test(name) && !used.has(name));
  const spare = [...arrays].filter(([name]) => !used.has(name) && name !== labelName);
  const missing = wanted.filter((input) => !matched.has(input));
  if (missing.length === 1 && spare.length === 1) matched.set(missing[0] as Value, spare[0] as [string, Tensor]);
  else if (missing.length > 0) {
    throw new UserError(
      where,
      `expected arrays for ${list(missing.map(({ name }) => name))}, got ${list([...arrays.keys()]) || 'none'}; name the arrays after the inputs`,
    );
  }
  const inputs = new Map(
    [...matched].map(([input, [name, array]]) => [input, fitted(input, array, `${where}: '${name}'`)]),
  );
  const count = commonCount(inputs, where);
  const labels =
    labelName === undefined ? undefined : classesOf(arrays.get(labelName) as Tensor, count, `${where}: '${labelName}'`);
  const fixed = wanted.map(({ type }) => type?.shape?.[0]).find((size) => typeof size === 'number');
  return { count, inputs, ...(labels && { labels }), ...(typeof fixed === 'number' && { fixedBatch: fixed }) };
}

/** The first `samples` of them, or a drawn subset in random order; all of them stay in their order. */
export function takeSamples(
  all: ArrayInputs,
  { samples = all.count, order, seed }: { samples?: number | undefined; order: 'first' | 'random'; seed: number },
  where: string,
): ArrayInputs {
  if (samples > all.count || all.count === 0) {
    throw all.count === 0
      ? new UserError(where, 'expected samples, got none; the arrays are empty along their first axis')
      : new UserError(where, `expected ${samples} samples, got ${all.count}; ask for fewer`);
  }
  if (samples === all.count) return all;
  const rows =
    order === 'random'
      ? random(seed, 'samples').sample(samples, all.count)
      : Uint32Array.from({ length: samples }, (_, i) => i);
  const { labels } = all;
  return {
    ...all,
    count: samples,
    inputs: new Map([...all.inputs].map(([input, array]) => [input, pickRows(array, rows)])),
    ...(labels && { labels: Int32Array.from(rows, (row) => labels[row] as number) }),
  };
}

/** The array in the input's type. */
function fitted(input: Value, array: Tensor, where: string): Tensor {
  const { type } = input;
  if (!type) throw unsupported(`input '${input.name}'`, 'expected a dense tensor, got another type');
  checkShape(type, array, where);
  if (type.dtype === array.dtype) return array;
  const bothFloat = dataTypes[type.dtype].isFloat && dataTypes[array.dtype].isFloat;
  if (bothFloat && isConvertible(type.dtype)) return tensorOf(type.dtype, array.shape, floatsOf(array));
  if (isInteger(type.dtype) && isInteger(array.dtype))
    return tensorOf(type.dtype, array.shape, exactFloats(array, where));
  throw new UserError(where, `expected ${type.dtype}, got ${array.dtype}; convert it as the model was trained`);
}

function exactFloats(array: Tensor, where: string): Float32Array {
  const values = floatsOf(array);
  // beyond 2^24 float32 no longer holds every integer
  if (values.some((value) => Math.abs(value) > 2 ** 24)) {
    throw new UserError(
      where,
      'expected integers below 2^24, got larger ones; save the array in the type of the input',
    );
  }
  return values;
}

const isInteger = (dtype: string): boolean => /^u?int(8|16|32|64)$|^bool$/.test(dtype);

function checkShape({ shape }: TensorType, array: Tensor, where: string): void {
  if (array.shape.length === 0)
    throw new UserError(where, 'expected samples along the first axis, got a single number');
  if (!shape) return;
  const fits =
    shape.length === array.shape.length &&
    shape.every((size, i) => i === 0 || typeof size !== 'number' || size === array.shape[i]);
  if (fits) return;
  const declared = [null, ...shape.slice(1)].map((size) => (typeof size === 'number' ? size : '?')).join(', ');
  const sameSizes = [...shape.slice(1)].sort().join() === [...array.shape.slice(1)].sort().join();
  const repair = sameSizes ? 'transpose its axes' : 'reshape it';
  throw new UserError(where, `expected shape [${declared}], got [${array.shape.join(', ')}]; ${repair}`);
}

function commonCount(inputs: ReadonlyMap<Value, Tensor>, where: string): number {
  const counts = [...inputs].map(([{ name }, { shape }]) => ({ name, count: shape[0] as number }));
  const first = counts[0];
  if (!first) throw new UserError(where, 'the model has no input to feed');
  const other = counts.find(({ count }) => count !== first.count);
  if (other) {
    throw new UserError(
      where,
      `expected as many samples for '${other.name}' as for '${first.name}' (${first.count}), got ${other.count}`,
    );
  }
  return first.count;
}

function classesOf(array: Tensor, count: number, where: string): Int32Array {
  if (array.shape[0] !== count || sizeOf(array.shape) !== count) {
    throw new UserError(where, `expected ${count} labels, one a sample, got shape [${array.shape.join(', ')}]`);
  }
  const values = floatsOf(array);
  const wrong = values.findIndex((value) => !Number.isInteger(value) || value < 0 || value > 2 ** 24);
  if (wrong >= 0) {
    throw new UserError(
      where,
      `expected class numbers 0, 1, 2, …, got ${values[wrong]} for sample ${wrong}; number the classes from 0`,
    );
  }
  return Int32Array.from(values);
}

const list = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');
