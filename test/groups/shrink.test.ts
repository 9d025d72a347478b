import { describe, expect, test } from 'vitest';
import { workingCopy } from '../../src/autodiff/prepare.js';
import { apart } from '../../src/groups/apart.js';
import { costsOf } from '../../src/groups/costs.js';
import { flowsOf } from '../../src/groups/flows.js';
import { groupsOf } from '../../src/groups/groups.js';
import { mask } from '../../src/groups/mask.js';
import { shrink } from '../../src/groups/shrink.js';
import { feeds } from '../../src/ir/graph.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { verify } from '../../src/ir/verify.js';
import { load } from '../../src/onnx/load.js';
import { withProgram } from '../../src/runtime/program.js';
import { dataOf, type Tensor } from '../../src/tensor/tensor.js';
import { fed } from './fed.js';
import { masked } from './masked.js';
import { networks } from './networks.js';
import { someUnits } from './some-units.js';

const outputs = (graph: Graph, inputs: ReadonlyMap<string, Tensor>): Promise<number[][]> =>
  withProgram(graph, { threads: 1 }, async (program) => {
    const results = await program.run(new Map(feeds(graph).map((value) => [value, inputs.get(value.name)!])));
    return graph.outputs.map((value: Value) => Array.from(dataOf(results.get(value)!), Number));
  });

describe('a graph without units is the graph with zeros for them', () => {
  test.each(networks)('%s', async (_, path) => {
    const { graph } = load(path);
    const flows = await flowsOf(workingCopy(graph));
    const groups = groupsOf(flows);
    expect(groups.length).toBeGreaterThan(0);
    const inputs = fed(flows);
    for (const seed of [0, 1]) {
      const living = someUnits(groups, seed);
      // the model itself, in its own opset
      const small = shrink(flows, living, graph);
      verify(small);
      expect(costsOf(flows, living)).toEqual(costsOf(await flowsOf(workingCopy(small))));
      expect(await apart(small, mask(flows, living), inputs, { threads: 1 })).toBeLessThan(1e-5);
      const [one, other] = [await outputs(small, inputs), await outputs(masked(flows, groups, living), inputs)];
      for (const [i, found] of one.entries()) {
        const wanted = other[i]!;
        expect(found).toHaveLength(wanted.length);
        const size = wanted.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
        const apart = found.reduce((most, each, k) => Math.max(most, Math.abs(each - wanted[k]!)), 0);
        expect(size).toBeGreaterThan(0);
        expect(apart / size).toBeLessThan(1e-5);
      }
    }
  });
});
