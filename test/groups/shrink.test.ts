import { describe, expect, test } from 'vitest';
import { workingCopy } from '../../src/autodiff/prepare.js';
import { flowsOf } from '../../src/groups/flows.js';
import { type Group, groupsOf } from '../../src/groups/groups.js';
import { shrink } from '../../src/groups/shrink.js';
import { feeds } from '../../src/ir/graph.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { verify } from '../../src/ir/verify.js';
import { load } from '../../src/onnx/load.js';
import { withProgram } from '../../src/runtime/program.js';
import { loadNpz } from '../../src/tensor/npz.js';
import { random } from '../../src/tensor/random.js';
import { dataOf, elements, type Tensor } from '../../src/tensor/tensor.js';
import { fixturePath, networkNames } from '../autodiff/fixtures.js';
import { masked } from './masked.js';

const outputs = (graph: Graph, fed: ReadonlyMap<string, Tensor>): Promise<number[][]> =>
  withProgram(graph, { threads: 1 }, async (program) => {
    const results = await program.run(new Map(feeds(graph).map((value) => [value, fed.get(value.name)!])));
    return graph.outputs.map((value: Value) => Array.from(dataOf(results.get(value)!), Number));
  });

/** Some units of every group, of some by far the most. */
function someUnits(groups: readonly Group[], seed: number) {
  return new Map(
    groups.map(({ units }, i) => {
      const numbers = random(seed, `group ${i}`);
      const share = [0, 0.3, 0.5, 0.9][numbers.sample(1, 4)[0]!]!;
      const gone = numbers.sample(Math.min(units.size - 1, Math.floor(share * units.size)), units.size);
      const living = new Uint8Array(units.size).fill(1);
      for (const unit of gone) living[unit] = 0;
      return [units, living] as const;
    }),
  );
}

const weightsIn = ({ initializers }: Graph): number =>
  [...initializers.values()].reduce((all, stored) => all + elements(stored), 0);

describe.runIf(networkNames.length > 0)('a graph without units is the graph with zeros for them', () => {
  test.each(networkNames.flatMap((name) => [0, 1, 2].map((seed) => [name, seed] as const)))(
    '%s, seed %i',
    async (name, seed) => {
      const { graph } = load(fixturePath(name, 'model.onnx'));
      const inputs = loadNpz(fixturePath(name, 'inputs.npz'));
      const flows = await flowsOf(workingCopy(graph));
      const groups = groupsOf(flows);
      expect(groups.length).toBeGreaterThan(0);
      const living = someUnits(groups, seed);
      const small = shrink(flows, living);
      verify(small);
      expect(weightsIn(small)).toBeLessThan(weightsIn(flows.graph));
      const [one, other] = [await outputs(small, inputs), await outputs(masked(flows, groups, living), inputs)];
      for (const [i, found] of one.entries()) {
        const wanted = other[i]!;
        expect(found).toHaveLength(wanted.length);
        const size = Math.max(...wanted.map(Math.abs));
        expect(Math.max(...found.map((each, k) => Math.abs(each - wanted[k]!))) / size).toBeLessThan(1e-5);
      }
    },
  );
});
