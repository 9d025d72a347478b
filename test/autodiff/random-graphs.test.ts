/** Random graphs of ten to twenty ops: their gradients against differences in float64. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { prepare } from '../../src/autodiff/prepare.js';
import { feeds } from '../../src/ir/graph.js';
import { print } from '../../src/ir/print.js';
import { verify } from '../../src/ir/verify.js';
import { random } from '../../src/tensor/random.js';
import { float32 } from '../../src/tensor/tensor.js';
import { compareGradients } from './compare-gradients.js';
import { emitters, graphOf, type Step } from './random-graphs.js';

const number = fc.nat(1000);
const steps: fc.Arbitrary<Step[]> = fc.array(fc.record({ op: number, left: number, right: number, axis: number }), {
  minLength: 10,
  maxLength: 20,
});

test('random graphs differentiate right', async () => {
  const seen = new Set<string>();
  let [counted, taken] = [0, 0];
  await fc.assert(
    fc.asyncProperty(steps, async (recipe) => {
      const graph = graphOf(recipe);
      verify(graph);
      if (graph.outputs.length === 0) return;
      for (const { op } of graph.nodes) seen.add(op);
      const data = new Map(
        feeds(graph).map(({ name, type }) => {
          const shape = type!.shape as number[];
          const size = shape.reduce((product, each) => product * each, 1);
          return [name, float32(shape, random(5, name).normals(size))];
        }),
      );
      const compared = await compareGradients(await prepare(graph), data, () => false);
      expect(compared.dtype, print(graph)).toBe('float64');
      expect(compared.problem, print(graph)).toBeUndefined();
      counted += compared.counted;
      taken += compared.taken;
    }),
    { numRuns: 100, seed: 20, interruptAfterTimeLimit: 100_000, markInterruptAsFailure: true },
  );
  // what flows through many bounded functions may be too small to be told from rounding
  expect(counted / taken).toBeGreaterThan(0.9);
  expect([...seen]).toEqual(expect.arrayContaining(Object.keys(emitters)));
}, 120_000);
