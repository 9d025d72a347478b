/** The counterfactuals of a method as arrays of an .npz file: what programs read. */
import type { Finding, Ground } from '../../counterfactual/index.js';
import { concatenated, pick } from '../../oracle/packed.js';
import { channelsBehind } from '../../oracle/space.js';
import { float32, int64, type Tensor, tensor } from '../../tensor/tensor.js';
import type { Pass } from './passes.js';

/**
 * A row an instance: `instance` and `counterfactual` as the model takes them (the instance itself where nothing was found), `sample` (its
 * number in the data), `predicted`, `target`, `found`, `margin`, `forwards` and `backwards`.
 */
export function arraysOf({ findings }: Pass, { network, instances }: Ground): Map<string, Tensor> {
  const { space, sizes } = network;
  const count = findings.length;
  const examples = (values: Float32Array): Tensor =>
    float32([count, ...sizes], space.channelsLast ? channelsBehind(values, space) : values.slice());
  const whole = (of: (finding: Finding) => number): Tensor => int64([count], findings.map(of));
  return new Map([
    ['instance', examples(pick(instances.inputs, space.size, [...findings.keys()]))],
    ['counterfactual', examples(concatenated(findings.map(({ counterfactual }) => counterfactual)))],
    ['sample', whole(({ id }) => id)],
    ['predicted', whole(({ predicted }) => predicted)],
    ['target', whole(({ target }) => target)],
    [
      'found',
      tensor(
        'bool',
        [count],
        Uint8Array.from(findings, ({ success }) => Number(success)),
      ),
    ],
    [
      'margin',
      tensor(
        'float64',
        [count],
        Float64Array.from(findings, ({ margin }) => margin),
      ),
    ],
    ['forwards', whole(({ forwards }) => forwards)],
    ['backwards', whole(({ backwards }) => backwards)],
  ]);
}
