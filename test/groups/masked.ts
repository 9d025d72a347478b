/** The masked model, by other means than those it is compared with: every sum over units is taken over products with zeros and ones. */
import { type Axis, kept } from '../../src/axes/axis.js';
import type { Flows } from '../../src/groups/flows.js';
import type { Group } from '../../src/groups/groups.js';
import { floatAttr, intAttr } from '../../src/ir/node.js';
import type { Graph, Node, Value } from '../../src/ir/types.js';
import { builderFor } from '../../src/ops/builder.js';

export function masked({ graph, axes }: Flows, groups: readonly Group[], living: ReadonlyMap<Axis, Uint8Array>): Graph {
  const g = builderFor(graph, 'masked');
  const nodes: Node[] = [];
  const summed = new Set(groups.flatMap(({ sums }) => sums));
  const averaged = new Set(groups.flatMap(({ means }) => means));
  for (const node of graph.nodes) {
    const emitted = g.nodes.length;
    const inputs = [...node.inputs];
    const maskFor = (x: Value, own: readonly Axis[], axis: number): Value => {
      const shape = own.map(({ size }, at) => (at === axis ? size : 1));
      return g.op('CastLike', [g.floats(kept(own[axis]!, living), shape), x]);
    };
    for (const site of summed) {
      if (site.node !== node) continue;
      const x = inputs[site.input] as Value;
      inputs[site.input] = g.mul(x, maskFor(x, axes.get(node.inputs[site.input]!)!, site.axis));
    }
    const along = [...averaged].filter((site) => site.node === node).map(({ axis }) => axis);
    if (along.length === 0) {
      nodes.push(...g.nodes.slice(emitted), { ...node, inputs });
      continue;
    }
    // a mean over what is left: the sum of masked numbers over the sum of the mask, both spread over the whole shape
    const x = inputs[0] as Value;
    const own = axes.get(node.inputs[0]!)!;
    const ones = along.map((axis) => maskFor(x, own, axis)).reduce((a, b) => g.mul(a, b));
    const whole = g.op('Expand', [ones, g.op('Shape', [x])]);
    const isMean = node.op === 'ReduceMean';
    const first = intAttr(node, 'axis', -1);
    const over = isMean ? node.inputs.slice(1) : [g.ints(own.map((_, at) => at).slice(first))];
    const keepdims = isMean ? intAttr(node, 'keepdims', 1) : 1;
    const attrs = { keepdims, noop_with_empty_axes: intAttr(node, 'noop_with_empty_axes', 0) };
    const sum = (value: Value): Value => g.op('ReduceSum', [value, ...over], attrs);
    const mean = (value: Value): Value => g.op('Div', [sum(g.mul(value, whole)), sum(whole)]);
    const results: (Value | null)[] = isMean ? [mean(x)] : norm(mean);
    function norm(meanOf: (value: Value) => Value): (Value | null)[] {
      const centre = meanOf(x);
      const away = g.sub(x, centre);
      const spread = g.op('Sqrt', [
        g.add(meanOf(g.mul(away, away)), g.op('CastLike', [g.scalar(floatAttr(node, 'epsilon', 1e-5)), x])),
      ]);
      const scaled = g.mul(g.op('Div', [away, spread]), inputs[1]!);
      return [inputs[2] ? g.add(scaled, inputs[2]) : scaled, centre, g.op('Reciprocal', [spread])];
    }
    nodes.push(...g.nodes.slice(emitted));
    for (const [i, y] of node.outputs.entries()) {
      if (y) nodes.push({ name: '', op: 'Identity', domain: '', inputs: [results[i]!], outputs: [y], attrs: {} });
    }
  }
  return { ...graph, nodes, initializers: new Map([...graph.initializers, ...g.initializers]) };
}
