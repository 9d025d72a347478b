/** Walks along data values inside a set of nodes. */
import type { Node, Value } from '../ir/types.js';
import type { Flow } from './flow.js';

/** Some nodes of a graph in topological order, seen through their data values only. */
export interface DataGraph {
  readonly flow: Flow;
  readonly nodes: readonly Node[];
  /** Data values each node reads. */
  reads(node: Node): readonly Value[];
  /** Data values each node makes. */
  makes(node: Node): readonly Value[];
}

export function dataGraph(flow: Flow, nodes: readonly Node[]): DataGraph {
  const isData = (value: Value | null): value is Value => value !== null && flow.kinds.get(value) === 'data';
  const made = new Map(nodes.map((node) => [node, node.outputs.filter(isData)]));
  const carrying = nodes.filter((node) => made.get(node)?.length);
  const read = new Map(carrying.map((node) => [node, [...new Set(flow.reads.get(node)?.filter(isData))]]));
  return { flow, nodes: carrying, reads: (node) => read.get(node) ?? [], makes: (node) => made.get(node) ?? [] };
}

/** Where data begins: values that enter the nodes from outside, and first values made from integers. */
export function sourcesOf({ nodes, reads, makes }: DataGraph): Value[] {
  const inner = new Set<Value>();
  const sources = new Set<Value>();
  for (const node of nodes) {
    for (const value of reads(node)) if (!inner.has(value)) sources.add(value);
    for (const value of makes(node)) {
      if (reads(node).length === 0) sources.add(value);
      else inner.add(value);
    }
  }
  return [...sources];
}

/** The nodes that read `sources`, or anything made from them. */
export function descendants({ nodes, reads, makes }: DataGraph, sources: readonly Value[]): Set<Node> {
  const values = new Set(sources);
  const found = new Set<Node>();
  for (const node of nodes) {
    if (!reads(node).some((value) => values.has(value))) continue;
    found.add(node);
    for (const value of makes(node)) values.add(value);
  }
  return found;
}

/** The nodes that `targets` are made from. */
export function ancestors({ nodes, reads, makes }: DataGraph, targets: ReadonlySet<Value>): Set<Node> {
  const values = new Set(targets);
  const found = new Set<Node>();
  for (const node of [...nodes].reverse()) {
    if (!makes(node).some((value) => values.has(value))) continue;
    found.add(node);
    for (const value of reads(node)) values.add(value);
  }
  return found;
}
