/** The problem of a region: its outputs as close as may be to targets, as one number to descend on. */
import { losses } from '../autodiff/losses.js';
import { UserError } from '../errors.js';
import type { Batches } from '../fit/index.js';
import type { Graph, TensorType, Value } from '../ir/types.js';
import { builderFor } from '../ops/builder.js';
import { substitute } from '../rewrite/substitute.js';
import { isFloat, sizeOf } from '../tensor/dtype.js';
import type { Tensor } from '../tensor/tensor.js';
import type { RegionData } from './solver.js';

/** How far apart is measured: squared differences, or angles along the last axis. */
export type ReconstructionLoss = 'mse' | 'cosine';

export interface RegionProblem {
  /** The region with one input more for each of its outputs, and the loss as its only output. */
  readonly graph: Graph;
  readonly loss: Value;
  /** By output of the region: the input for its target. */
  readonly targets: ReadonlyMap<Value, Value>;
}

/**
 * With several outputs, each counts by its number of elements; shapes and other integers that leave a region do not count.
 * @param region as `extract` gives it.
 * @param batch one batch of its inputs and outputs, for their types: the sizes are fixed from here on.
 * @throws UserError when nothing of floating point leaves the region.
 */
export function regionProblem(
  region: Graph,
  batch: ReadonlyMap<Value, Tensor>,
  kind: ReconstructionLoss,
): RegionProblem {
  const typeOf = (value: Value): TensorType => {
    const { dtype, shape } = batch.get(value) as Tensor;
    return { dtype, shape };
  };
  const inputs = new Map(region.inputs.map((value) => [value, { name: value.name, type: typeOf(value) }]));
  const typed = substitute(region, (value) => inputs.get(value) ?? value);
  const g = builderFor(typed, 'reconstruct');
  const outputs = region.outputs.filter((value) => isFloat(typeOf(value).dtype));
  if (outputs.length === 0) {
    throw new UserError(
      `region '${region.name}'`,
      'expected a floating-point output to match, got none; join it with the next',
    );
  }
  const targets = new Map(outputs.map((value) => [value, g.value(`target/${value.name}`, typeOf(value))]));
  const elements = (value: Value): number => sizeOf((batch.get(value) as Tensor).shape);
  const total = outputs.reduce((sum, value) => sum + elements(value), 0);
  const parts = outputs.map((value) => {
    const share = elements(value) / total;
    const part = losses[kind].emit(g, inputs.get(value) ?? value, typeOf(value), targets.get(value)!, {});
    return share === 1 ? part : g.mul(part, g.scalar(share));
  });
  const sum = parts.reduce((a, b) => g.add(a, b));
  const loss: Value = { ...g.value('loss'), type: { dtype: 'float32', shape: [] } };
  g.nodes.push({ name: loss.name, op: 'Identity', domain: '', inputs: [sum], outputs: [loss], attrs: {} });
  const whole = g.appendTo({ ...typed, outputs: [] }, [loss]);
  return { graph: { ...whole, inputs: [...typed.inputs, ...targets.values()] }, loss, targets };
}

/** Data of a region by the names of the problem's inputs. */
export const batchesOf = ({ targets }: RegionProblem, data: RegionData): Batches => ({
  count: data.count,
  at(index) {
    const wanted = data.targets(index);
    return new Map([
      ...[...data.inputs(index)].map(([{ name }, t]): [string, Tensor] => [name, t]),
      ...[...targets].map(([output, { name }]): [string, Tensor] => [name, wanted.get(output) as Tensor]),
    ]);
  },
});
