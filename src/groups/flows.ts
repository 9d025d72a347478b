/** flowsOf: the axes of every value of a graph, and what nodes say of them. */
import { type Axis, axis, pin } from '../axes/axis.js';
import { captures, feeds, subgraphs } from '../ir/graph.js';
import { describe, presentInputs, presentOutputs } from '../ir/node.js';
import type { Graph, Node, TensorType, Value } from '../ir/types.js';
import { opOf } from '../ops/catalogue.js';
import { constantsOf } from '../ops/constants.js';
import type { Flow, Place } from '../ops/flow.js';
import { ownCopies } from '../rewrite/own-copies.js';
import { annotate } from '../runtime/annotate.js';
import type { CompileOptions } from '../runtime/program.js';
import type { Tensor } from '../tensor/tensor.js';
import { fixedIntegers, type Types } from './fixed-integers.js';

/** An axis of an input of a node. */
export interface Site {
  readonly node: Node;
  readonly input: number;
  readonly axis: number;
}

/** Numbers that a node is given, each the size of some axes. */
export interface Held {
  readonly node: Node;
  readonly place: Place;
  readonly sizes: readonly (readonly Axis[])[];
  /** On whose sizes each depends. */
  readonly by: readonly (readonly Axis[])[];
}

export interface Flows {
  /** Where readers of one ConstantOfShape have a copy each. */
  readonly graph: Graph;
  /** By the names of copies and of what they are copies of, the latter. */
  readonly copies: ReadonlyMap<string, string>;
  /** Of every value whose size is known. */
  readonly axes: ReadonlyMap<Value, readonly Axis[]>;
  /** Where sums are taken. */
  readonly sums: readonly Site[];
  /** Where means are taken over what is there. */
  readonly means: readonly Site[];
  readonly held: readonly Held[];
  readonly products: readonly Products[];
}

/** Products of two numbers that a node takes. */
export interface Products {
  readonly node: Node;
  /** One for each combination of positions of these. */
  readonly over: readonly Axis[];
}

/**
 * Sizes are those of one choice of the symbolic dimensions; what the model is fed and what it answers stays as it is, as do axes that
 * an op without a rule touches.
 */
export async function flowsOf(
  whole: Graph,
  dims: Readonly<Record<string, number>> = {},
  options: CompileOptions = {},
): Promise<Flows> {
  const { graph, copies } = ownCopies(withoutConstants(whole));
  const types: Types = new Map([...typesOfWeights(graph), ...(await annotate(graph, dims))]);
  const integers = await fixedIntegers(graph, types, options);
  const axes = new Map<Value, readonly Axis[]>();
  for (const [value, { shape }] of types) {
    if (shape?.every((size) => typeof size === 'number')) axes.set(value, shape.map(axis));
  }
  const pinAll = (values: Iterable<Value>, reason: string): void => {
    for (const value of values) for (const each of axes.get(value) ?? []) pin(each, reason);
  };
  pinAll(feeds(graph), 'it is an input of the model');
  pinAll(graph.outputs, 'it is an output of the model');
  const sums: Site[] = [];
  const means: Site[] = [];
  const held: Held[] = [];
  const products: Products[] = [];
  for (const node of graph.nodes) {
    const rule = opOf(node)?.flow;
    const touched = [...presentInputs(node), ...presentOutputs(node)];
    const unsized = touched.find((value) => !axes.has(value));
    if (!rule) pinAll([...touched, ...subgraphs(node).flatMap(captures)], `${describe(node)} is not analysed`);
    else if (unsized) pinAll(touched, `the size of '${unsized.name}' is not known`);
    else {
      const flow: Flow = {
        axes: (value) => axes.get(value)!,
        integers,
        sums: (input, at) => void sums.push({ node, input, axis: at }),
        averages: (input, at) => void means.push({ node, input, axis: at }),
        multiplies: (over) => void products.push({ node, over }),
        holds: (place, sizes, by = sizes) => void held.push({ node, place, sizes, by }),
      };
      rule(flow, node);
    }
  }
  return { graph, copies, axes, sums, means, held, products };
}

/** Tensors of Constant nodes as initializers: either may be a weight. */
function withoutConstants(graph: Graph): Graph {
  const { tensorOf } = constantsOf(graph);
  const stored = new Map<Value, Tensor>();
  const nodes = graph.nodes.filter(({ op, outputs: [y] }) => {
    const tensor = op === 'Constant' && y ? tensorOf(y) : undefined;
    if (tensor) stored.set(y!, tensor);
    return !tensor;
  });
  return { ...graph, nodes, initializers: new Map([...graph.initializers, ...stored]) };
}

const typesOfWeights = ({ initializers }: Graph): [Value, TensorType][] =>
  [...initializers].map(([value, { dtype, shape }]) => [value, { dtype, shape }]);
