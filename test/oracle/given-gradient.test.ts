/** Gradients from the user's own model of gradients are those that we emit. */
import { describe, expect, test } from 'vitest';
import { gradientGraph } from '../../src/autodiff/gradient-graph.js';
import { prepare } from '../../src/autodiff/prepare.js';
import { boundsOf } from '../../src/oracle/bounds.js';
import { GivenGradientOracle } from '../../src/oracle/given-gradient.js';
import { openNetwork } from '../../src/oracle/network.js';
import { carliniWagner, crossEntropy, differenceOfLogitsRatio, gap } from '../../src/oracle/objectives.js';
import { NetworkOracle } from '../../src/oracle/oracle.js';
import { linearCase } from '../attack/linear.js';

const linear = linearCase(3, [3, 4, 4], 5);
const options = { batch: 2, threads: 1 };
const rows = [0, 1, 2, 3, 4];

async function oracles() {
  const samples = linear.samples.batch(0, 5);
  const network = await openNetwork(linear.graph, samples, { input: 'x' });
  const bounds = boundsOf(
    [
      [0, 1],
      [0, 2],
      [-1, 1],
    ],
    network.space,
    'given',
  );
  const made = await gradientGraph(await prepare(linear.graph), { of: 'logits', wrt: ['x'] });
  const others = new Map(
    [...samples].filter(([{ name }]) => name === 'bias').map(([{ name }, array]) => [name, array]),
  );
  const ours = new NetworkOracle(network, bounds, [-1, 1], options);
  return { ours, given: new GivenGradientOracle(network, made.graph, bounds, [-1, 1], options), others, network };
}

describe('gradients from a file', () => {
  test.each(
    [carliniWagner(), carliniWagner(2), crossEntropy, gap, differenceOfLogitsRatio].flatMap((objective) =>
      [false, true].map((targeted) => [objective.name, targeted, objective] as const),
    ),
  )('%s, targeted %s', async (_, targeted, objective) => {
    const { ours, given, others } = await oracles();
    const context = { targeted, labels: new Int32Array(5), goals: new Int32Array(5).fill(targeted ? 1 : 0), others };
    const asked = { points: linear.x.map((value) => value * 0.9), samples: rows };
    const [a, b] = [await ours.slopes(asked, objective, context), await given.slopes(asked, objective, context)];
    expect(Array.from(b.logits)).toEqual(Array.from(a.logits));
    a.values!.forEach((value, i) => {
      expect(b.values![i]).toBeCloseTo(value, 4);
    });
    a.gradients.forEach((value, i) => {
      expect(b.gradients[i]).toBeCloseTo(value, 4);
    });
    await ours.release();
    await given.release();
  });

  test('a model of other gradients is refused', async () => {
    const { network } = await oracles();
    expect(
      () => new GivenGradientOracle(network, linear.graph, boundsOf([[0, 1]], network.space, ''), [0, 1], options),
    ).toThrow(
      "--gradient: expected a model with the inputs 'x' and a seed of 4 scores, and the output 'grad/x', got inputs 'x', 'bias' and outputs 'logits'; make it with scalpel grad MODEL --of LOGITS --wrt x",
    );
  });
});
