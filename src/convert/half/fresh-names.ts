/** Names that nothing in a graph or its bodies has yet. */
import { subgraphs, valuesByName } from '../../ir/graph.js';
import type { Graph } from '../../ir/types.js';

export class FreshNames {
  readonly #taken = new Set<string>();

  constructor(graph: Graph) {
    this.#take(graph);
  }

  /** `name_suffix`, or with a number behind it. */
  after(name: string, suffix: string): string {
    const stem = `${name}_${suffix}`;
    let fresh = stem;
    for (let i = 2; this.#taken.has(fresh); i++) fresh = `${stem}_${i}`;
    this.#taken.add(fresh);
    return fresh;
  }

  #take(graph: Graph): void {
    for (const name of valuesByName(graph).keys()) this.#taken.add(name);
    for (const { name } of graph.outputs) this.#taken.add(name);
    for (const node of graph.nodes) {
      this.#taken.add(node.name);
      for (const body of subgraphs(node)) this.#take(body);
    }
  }
}
