/** costsWithout: what a graph takes when some of its branches are gone, counted without making it. */
import { type Costs, costsOf } from '../groups/costs.js';
import type { Flows } from '../groups/flows.js';
import type { Branch } from './branches.js';
import { goingWith } from './going.js';

export function costsWithout(flows: Flows, branches: readonly Branch[]): Costs {
  const { graph, products } = flows;
  const { nodes, initializers } = goingWith(graph, branches);
  return costsOf({
    ...flows,
    graph: {
      ...graph,
      initializers: new Map([...graph.initializers].filter(([value]) => !initializers.has(value))),
    },
    products: products.filter(({ node }) => !nodes.has(node)),
  });
}
