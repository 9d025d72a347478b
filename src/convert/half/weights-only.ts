/** Weights stored in half precision and cast back where they are read: everything is computed as before. */

import { attrs } from '../../ir/node.js';
import type { Graph, Model, Node, Value } from '../../ir/types.js';
import { mapBodies, substituteNode } from '../../rewrite/substitute.js';
import { dataTypes } from '../../tensor/dtype.js';
import type { Tensor } from '../../tensor/tensor.js';
import { FreshNames } from './fresh-names.js';
import { type HalfType, halved } from './halve.js';

export interface HalfModel {
  readonly model: Model;
  /** What went to half precision, as it was. */
  readonly halves: ReadonlyMap<string, Tensor>;
}

/**
 * Initializers keep their names; what reads them reads a Cast of them, in bodies of control flow too.
 * @param isWanted of an initializer of float32
 */
export function weightsOnly(
  model: Model,
  to: HalfType,
  isWanted: (value: Value, tensor: Tensor) => boolean,
): HalfModel {
  const halves = new Map<string, Tensor>();
  const names = new FreshNames(model.graph);
  const graph = convert(model.graph, { to, isWanted, halves, names, isOld: model.irVersion < 4 });
  return { model: { ...model, graph }, halves };
}

interface Work {
  readonly to: HalfType;
  readonly isWanted: (value: Value, tensor: Tensor) => boolean;
  readonly halves: Map<string, Tensor>;
  readonly names: FreshNames;
  /** Old files list every initializer among the inputs; in newer ones an input is the caller's to give. */
  readonly isOld: boolean;
}

function convert(graph: Graph, work: Work): Graph {
  const { to, isWanted, halves, names, isOld } = work;
  const inputs = new Set(graph.inputs);
  const wanted = [...graph.initializers].filter(
    ([value, t]) => t.dtype === 'float32' && !t.storage && (isOld || !inputs.has(value)) && isWanted(value, t),
  );
  const narrow = new Map<Value, Value>();
  const wide = new Map<Value, Value>();
  const casts: Node[] = [];
  for (const [value, t] of wanted) {
    const half: Value = { name: value.name, type: { dtype: to, shape: t.shape } };
    const cast: Value = { name: names.after(value.name, 'float32'), type: { dtype: 'float32', shape: t.shape } };
    narrow.set(value, half);
    wide.set(value, cast);
    halves.set(value.name, t);
    casts.push(castNode(half, cast, 'float32'));
  }
  const nodes = graph.nodes.map((node) => {
    const bodies = mapBodies(node.attrs, (body) => convert(body, work));
    const inner = bodies === node.attrs ? node : { ...node, attrs: bodies };
    return substituteNode(inner, (value) => wide.get(value) ?? value);
  });
  if (wanted.length === 0) return nodes.every((node, i) => node === graph.nodes[i]) ? graph : { ...graph, nodes };
  return {
    ...graph,
    inputs: graph.inputs.map((value) => narrow.get(value) ?? value),
    outputs: graph.outputs.map((value) => wide.get(value) ?? value),
    nodes: [...casts, ...nodes],
    initializers: new Map(
      [...graph.initializers].map(([value, t]) =>
        narrow.has(value) ? [narrow.get(value)!, halved(t, to)] : [value, t],
      ),
    ),
  };
}

/** @param name that no node has; default: that of the value, where that is a fresh one. */
export const castNode = (from: Value, made: Value, to: HalfType | 'float32', name = made.name): Node => ({
  name,
  op: 'Cast',
  domain: '',
  inputs: [from],
  outputs: [made],
  attrs: attrs({ to: dataTypes[to].code }),
});
