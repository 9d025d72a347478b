/** What several models can all be fed: the inputs of the first, with every size that one of them fixes. */
import { UserError } from '../../errors.js';
import { feeds } from '../../ir/graph.js';
import { printType } from '../../ir/print.js';
import type { Dimension, Graph, Model, TensorType, Value } from '../../ir/types.js';
import { substitute } from '../../rewrite/substitute.js';
import { isFloat } from '../../tensor/dtype.js';
import { workingCopy } from '../working-copy.js';

/**
 * The working copy of the first model, which data are opened for.
 * @throws UserError where a model has other inputs: names, element types (floats of another width are converted), ranks or sizes.
 */
export function sharedInputs([first, ...others]: readonly Model[]): Graph {
  const merged = new Map(feeds(first!.graph).map(({ name, type }) => [name, type]));
  for (const other of others) {
    const inputs = feeds(other.graph);
    const sharing = inputs.map(
      ({ name, type }) => [name, merged.has(name) ? both(merged.get(name), type) : null] as const,
    );
    if (inputs.length !== merged.size || sharing.some(([, type]) => type === null)) throw otherInputs(first!, other);
    for (const [name, type] of sharing) merged.set(name, type ?? undefined);
  }
  const copy = workingCopy(first!.graph);
  const twins = new Map(feeds(copy).map((value) => [value, withSizes(value, merged.get(value.name))]));
  return substitute(copy, (value) => twins.get(value) ?? value);
}

/** Null where no tensor is of both types. */
function both(a: TensorType | undefined, b: TensorType | undefined): TensorType | undefined | null {
  if (!a || !b) return a || b ? null : undefined;
  if (a.dtype !== b.dtype && !(isFloat(a.dtype) && isFloat(b.dtype))) return null;
  const [left, right] = [a.shape, b.shape];
  if (!left || !right) return { dtype: a.dtype, ...((left ?? right) && { shape: (left ?? right)! }) };
  if (left.length !== right.length) return null;
  const shape = left.map((size, axis) => bothSizes(size, right[axis]!));
  return shape.includes(undefined) ? null : { dtype: a.dtype, shape: shape as Dimension[] };
}

function bothSizes(a: Dimension, b: Dimension): Dimension | undefined {
  if (typeof a === 'number' && typeof b === 'number') return a === b ? a : undefined;
  return typeof b === 'number' ? b : a;
}

function withSizes(value: Value, merged: TensorType | undefined): Value {
  const { type } = value;
  return type && merged?.shape ? { ...value, type: { ...type, shape: merged.shape } } : value;
}

const otherInputs = (first: Model, other: Model): UserError =>
  new UserError(
    other.path ?? 'model',
    `expected the inputs of ${first.path ?? 'the first model'}, ${inputsText(first)}, got ${inputsText(other)}; name models that take the same inputs`,
  );

const inputsText = ({ graph }: Model): string =>
  feeds(graph)
    .map(({ name, type }) => `'${name}' ${printType(type)}`)
    .join(', ') || 'none';
