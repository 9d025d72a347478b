/**
 * Networks of convolutions along one axis as networks over pictures: [N, C, L] becomes [1, C, N, L], a row per sample. A convolution
 * is then one product for the whole batch instead of one per sample, sums over a channel read memory in order, and the gradient of a
 * weight needs no sum over samples.
 */
import { reads } from '../ir/graph.js';
import { isDefaultDomain } from '../ir/node.js';
import type { Graph, Node, TensorType, Value } from '../ir/types.js';
import { namesIn } from '../ops/builder.js';
import { Tape } from '../ops/tape.js';
import { type Pictures, pictureRules } from './picture-rules.js';
import type { Prepared } from './prepare.js';

/**
 * The same function, with every region that a trained convolution of rank 3 begins as pictures and turned where it begins and ends;
 * the same object where there is none. Weights stay as they lie.
 * @param keep values that are asked for, or that gradients are taken towards: they are made as they were
 * @param tiles whether convolutions are taken by tiles where that is faster, see `tiledConvolution`
 */
export function seriesLayout(prepared: Prepared, keep: ReadonlySet<Value>, tiles = false): Prepared {
  const { graph, types } = prepared;
  if (!graph.nodes.some((node) => isTrained(node, graph, types, keep))) return prepared;
  const { g, pictures, turnBack, types: known } = picturesOf(graph, types, tiles);
  for (const node of graph.nodes) {
    const rule = isDefaultDomain(node.domain) && !keep.has(node.outputs[0]!) ? pictureRules[node.op] : undefined;
    if (rule?.(pictures, node)) continue;
    for (const value of reads(node)) turnBack(value);
    g.nodes.push(node);
  }
  for (const value of graph.outputs) turnBack(value);
  const initializers = new Map([...graph.initializers, ...g.initializers]);
  return { graph: { ...graph, nodes: g.nodes, initializers }, types: known };
}

/**
 * A convolution over several series whose weight moves: with one that rests, the runtime has faster kernels as it is. With a number of
 * series that is not known, pools behind it would take the runtime's indices, which not every provider has for pictures.
 */
function isTrained(
  { op, domain, inputs: [x, weight] }: Node,
  graph: Graph,
  types: ReadonlyMap<Value, TensorType>,
  keep: ReadonlySet<Value>,
): boolean {
  if (op !== 'Conv' || !isDefaultDomain(domain) || !x || !weight) return false;
  const shape = types.get(x)?.shape;
  const samples = shape?.[0];
  return (
    shape?.length === 3 &&
    typeof samples === 'number' &&
    samples > 1 &&
    (keep.has(weight) || !graph.initializers.has(weight))
  );
}

/** The pictures made so far, each in the place of one value of the graph. */
function picturesOf(graph: Graph, given: ReadonlyMap<Value, TensorType>, tiles: boolean) {
  const types = new Map(given);
  const g = new Tape(graph, { types, taken: namesIn(graph), backward: () => new Map() });
  const made = new Map<Value, Value>();
  const inside = new Set<Value>();

  const typed = (picture: Value, of: Value): Value => {
    const { dtype, shape } = g.type(of);
    const [samples, channels, length] = shape!;
    types.set(picture, { dtype, shape: [1, channels!, samples!, length!] });
    made.set(of, picture);
    return picture;
  };
  const pictures: Pictures = {
    g,
    tiles,
    isInside: (value) => value !== null && made.has(value),
    of(value) {
      const known = made.get(value);
      if (known) return known;
      return typed(g.unsqueeze(g.transpose(value, [1, 0, 2]), [0]), value);
    },
    make(of, picture) {
      typed(picture, of);
      inside.add(of);
    },
  };

  /** A value of the graph that so far is there as a picture only. */
  function turnBack(value: Value): void {
    if (!inside.delete(value)) return;
    const rows = g.squeeze(made.get(value)!, [0]);
    const perm = { perm: { kind: 'ints', value: [1n, 0n, 2n] } } as const;
    const { name } = g.value('Transpose');
    g.nodes.push({ name, op: 'Transpose', domain: '', inputs: [rows], outputs: [value], attrs: perm });
  }
  return { g, pictures, turnBack, types };
}
