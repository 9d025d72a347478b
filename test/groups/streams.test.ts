/** Which channels are those of a residual stream: small graphs, one idea each. */
import { expect, test } from 'vitest';
import { flowsOf } from '../../src/groups/flows.js';
import { groupsOf } from '../../src/groups/groups.js';
import { kindsOf } from '../../src/groups/kinds.js';
import type { Value } from '../../src/ir/types.js';
import type { Builder } from '../../src/ops/builder.js';
import { graphOf, input, noisy } from '../ops/graphs.js';

const conv = (g: Builder, x: Value, [outs, ins, size = 1]: readonly number[], group = 1): Value =>
  g.op('Conv', [x, g.constant(noisy([outs!, ins!, size, size]))], {
    group,
    pads: Array<number>(4).fill((size - 1) / 2),
  });

/** What `emit` makes of 3 channels, read by a convolution. */
const cases: readonly (readonly [string, (g: Builder, x: Value) => Value, number, readonly string[]])[] = [
  ['one convolution', (g, x) => conv(g, x, [4, 3]), 4, ['channels']],
  ['two that are added', (g, x) => g.add(conv(g, x, [4, 3]), conv(g, x, [4, 3, 3])), 4, ['stream-channels']],
  [
    'one that reads what it adds to',
    (g, x) => {
      const first = conv(g, x, [4, 3]);
      return g.add(first, g.op('Relu', [conv(g, first, [4, 4])]));
    },
    4,
    ['stream-channels'],
  ],
  [
    'a bottleneck inside, of which the stream is none',
    (g, x) => {
      const first = conv(g, x, [4, 3]);
      return g.add(first, conv(g, conv(g, first, [2, 4]), [4, 2]));
    },
    4,
    ['channels', 'stream-channels'],
  ],
  [
    'three by Sum',
    (g, x) =>
      g.op(
        'Sum',
        [1, 2, 3].map(() => conv(g, x, [4, 3])),
      ),
    4,
    ['stream-channels'],
  ],
  ['two side by side', (g, x) => g.concat([conv(g, x, [4, 3]), conv(g, x, [4, 3])], 1), 8, ['channels', 'channels']],
  [
    'the first half of two side by side, to which a third is added',
    (g, x) => {
      const both = g.concat([conv(g, x, [4, 3]), conv(g, x, [2, 3])], 1);
      const half = g.op('Slice', [both, g.ints([0]), g.ints([4]), g.ints([1])]);
      return g.concat([g.add(half, conv(g, x, [4, 3])), both], 1);
    },
    10,
    ['channels', 'stream-channels'],
  ],
  ['two that are multiplied', (g, x) => g.mul(conv(g, x, [4, 3]), conv(g, x, [4, 3])), 4, ['channels']],
  [
    'a depthwise convolution added to what it reads',
    (g, x) => {
      const first = conv(g, x, [4, 3]);
      return g.add(first, conv(g, first, [4, 1, 3], 4));
    },
    4,
    ['channels'],
  ],
  [
    'a gate beside what it opens',
    (g, x) => {
      const first = conv(g, x, [4, 3]);
      return g.add(first, g.mul(first, g.op('Sigmoid', [conv(g, first, [4, 4])])));
    },
    4,
    ['channels'],
  ],
  [
    'groups that stay groups, with what each of them has made anew',
    (g, x) => {
      const first = conv(g, x, [4, 3]);
      return g.add(conv(g, first, [4, 2, 3], 2), conv(g, first, [4, 2], 2));
    },
    4,
    ['channels', 'channels', 'stream-channels'],
  ],
  [
    'a transposed convolution and another',
    (g, x) => g.add(g.op('ConvTranspose', [x, g.constant(noisy([3, 4, 1, 1]))]), conv(g, x, [4, 3])),
    4,
    ['stream-channels'],
  ],
  ['a bias that is added', (g, x) => g.add(conv(g, x, [4, 3]), g.constant(noisy([4, 1, 1]))), 4, ['channels']],
];

test.each(cases)('%s', async (_, emit, channels, kinds) => {
  const x = input('x', [1, 3, 5, 5]);
  const flows = await flowsOf(graphOf([x], (g) => [conv(g, emit(g, x), [2, channels])]));
  expect(kindsOf(flows, groupsOf(flows)).toSorted()).toEqual(kinds.toSorted());
});
