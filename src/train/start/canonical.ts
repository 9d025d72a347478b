/** canonical: a model of series behind one form of input, however its own lays them out. */
import { unsupported } from '../../errors.js';
import { feeds } from '../../ir/graph.js';
import type { Graph, TensorType, Value } from '../../ir/types.js';
import { builderFor } from '../../ops/builder.js';
import { substitute } from '../../rewrite/substitute.js';

export interface SeriesExtent {
  readonly channels: number;
  readonly length: number;
}

/** The name under which data say where series have values. */
export const maskName = 'mask';

export interface SeriesInputs {
  readonly input: Value;
  readonly mask?: Value;
}

/**
 * Which inputs take series and where they have values.
 * @throws UserError (exit 3) for models with other inputs, or made for one size of batch.
 */
export function seriesInputs(model: Graph): SeriesInputs {
  const inputs = feeds(model);
  const mask = inputs.find(({ name }) => name === maskName);
  const [input, ...others] = inputs.filter((value) => value !== mask);
  const rank = input?.type?.shape?.length;
  if (input?.type?.dtype !== 'float32' || (rank !== 2 && rank !== 3) || others.length > 0) {
    const got = inputs.map(
      ({ name, type }) =>
        `'${name}' ${type?.dtype ?? ''}[${type?.shape?.map((size) => size ?? '?').join(', ') ?? '?'}]`,
    );
    throw unsupported(
      'train',
      `expected a model with one input of series, float32 [batch, channels, length] or [batch, length], and at most one more named '${maskName}', got ${got.join(', ') || 'none'}`,
    );
  }
  const batch = input.type.shape?.[0];
  if (typeof batch === 'number') {
    throw unsupported(
      'train',
      `expected an input of any number of series, got '${input.name}' of ${batch}; export the model with a dynamic batch`,
    );
  }
  return { input, ...(mask && { mask }) };
}

/**
 * `model` with its input as [batch, channels, length], followed by what brings it to the model's own layout.
 * @param stepsFirst whether the model takes [batch, length, channels].
 */
export function canonical(model: Graph, { channels, length }: SeriesExtent, stepsFirst = false): Graph {
  const { input, mask } = seriesInputs(model);
  const batch = input.type!.shape![0]!;
  const type: TensorType = { dtype: 'float32', shape: [batch, channels, length] };
  const whole: Value = { name: input.name, type };
  const inputs = [whole, ...(mask ? [mask] : [])];
  const isFlat = input.type!.shape!.length === 2;
  if (!isFlat && !stepsFirst) return { ...substitute(model, (value) => (value === input ? whole : value)), inputs };
  const g = builderFor(model, 'layout');
  const own = isFlat ? g.reshape(whole, [0, length]) : g.transpose(whole, [0, 2, 1]);
  const moved = substitute({ ...model, inputs: [] }, (value) => (value === input ? own : value));
  return {
    ...moved,
    inputs,
    nodes: [...g.nodes, ...moved.nodes],
    initializers: new Map([...moved.initializers, ...g.initializers]),
  };
}
