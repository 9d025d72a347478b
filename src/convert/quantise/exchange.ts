/** Emits the integer form of a graph: DequantizeLinear behind stored integers, and activations in between as asked. */
import { consumers } from '../../ir/graph.js';
import type { Graph, Node, Value } from '../../ir/types.js';
import { type Builder, builderFor } from '../../ops/builder.js';
import { constantsOf } from '../../ops/constants.js';
import { floatsOf } from '../../tensor/convert.js';
import { float32, type Tensor, tensor } from '../../tensor/tensor.js';
import { edit } from '../edit.js';
import { type ActivationGrid, scaleTensor, zeroTensor } from './activation-grid.js';
import { type StoredIntegers, storedIntegers } from './dequantised.js';
import { dynamicProduct } from './dynamic.js';
import { untransposed } from './products.js';
import { isAdd, type Site } from './sites.js';
import type { IntegerWeight } from './weights.js';

export interface Activations {
  /** Nodes that get their data as integers. */
  readonly sites: ReadonlyMap<Node, Site>;
  /** By value, where ranges were calibrated; without any the runtime finds them in each run. */
  readonly grids: ReadonlyMap<Value, ActivationGrid>;
  /** Values that all readers get rounded. */
  readonly outputs: ReadonlySet<Value>;
  readonly biases: 'int32' | 'float';
}

export function exchangeWeights(graph: Graph, weights: readonly IntegerWeight[], activations: Activations): Graph {
  const g = builderFor(graph, 'int8');
  const stored = new Map(weights.map((weight) => [weight.layer.weight, storedIntegers(g, weight)]));
  const byNode = new Map(weights.flatMap((weight) => weight.layer.uses.map(({ node }) => [node, weight] as const)));
  const { tensorOf } = constantsOf(graph);
  const rounded = roundedValues(g, activations.grids);
  const added = biasesBehind(graph, activations);
  const dynamic = dynamicProduct(g);
  const gone = new Set<Value>(stored.keys());

  const withBias = (node: Node, at: number, site: Site): Node => {
    const bias = node.inputs[at] ? tensorOf(node.inputs[at]) : undefined;
    const integers = bias && integerBias(bias, site, activations);
    if (!integers) return node;
    gone.add(node.inputs[at]!);
    const made = dequantisedBias(g, integers, `${site.weight.layer.name}/bias`);
    return { ...node, inputs: node.inputs.map((input, i) => (i === at ? made : input)) };
  };

  const exchange = (node: Node): Node => {
    const site = activations.sites.get(node);
    const weight = byNode.get(node);
    const own = weight && stored.get(weight.layer.weight);
    if (node.op === 'Gather' && node.inputs[0] && stored.get(node.inputs[0])?.form === 'looked-up') {
      return lookUp(g, node, stored.get(node.inputs[0])!);
    }
    if (site && own && activations.grids.size === 0 && own.form !== 'stored') return dynamic(node, site, own);
    const inputs = node.inputs.map((input, i) => {
      if (!input) return input;
      if (activations.outputs.has(input) || (i === 0 && site)) return rounded(input);
      if (i === 1 && own?.form === 'matrix') return own.real();
      return stored.get(input)?.form === 'matrix' ? input : (stored.get(input)?.real() ?? input);
    });
    const next = inputs.every((input, i) => input === node.inputs[i]) ? node : { ...node, inputs };
    const formed = own?.form === 'matrix' ? untransposed(next) : next;
    const behind = added.get(node);
    if (behind) return withBias(formed, behind.at, behind.site);
    return site && node.inputs[2] ? withBias(formed, 2, site) : formed;
  };
  return edit(graph, g, exchange, gone);
}

/** Rows of a table of integers, as floats. */
function lookUp(g: Builder, node: Node, { integers, scales }: StoredIntegers): Node {
  const ids = node.inputs[1] as Value;
  const rows = g.op('Cast', [g.op('Gather', [integers, ids], { axis: 0 })], { to: 1 });
  const scale = scales.shape.length === 0 ? g.constant(scales) : null;
  const each =
    scale ?? g.op('Gather', [g.constant({ ...scales, shape: [scales.shape[0]!, 1] }, 'scales'), ids], { axis: 0 });
  return { name: node.name, op: 'Mul', domain: '', inputs: [rows, each], outputs: node.outputs, attrs: {} };
}

/** QuantizeLinear and DequantizeLinear behind a value, once for all its readers. */
function roundedValues(g: Builder, grids: ReadonlyMap<Value, ActivationGrid>): (value: Value) => Value {
  const known = new Map<Value, Value>();
  return (value) => {
    const grid = grids.get(value);
    if (!grid) return value;
    if (!known.has(value)) {
      const scale = g.constant(scaleTensor(grid), `${value.name}/scale`);
      const zero = g.constant(zeroTensor(grid), `${value.name}/zero`);
      known.set(value, g.op('DequantizeLinear', [g.op('QuantizeLinear', [value, scale, zero]), scale, zero]));
    }
    return known.get(value)!;
  };
}

/** By Add that alone reads a MatMul: where the runtime joins them to a Gemm, it computes that in integers only with such a bias. */
function biasesBehind(graph: Graph, { sites }: Activations): Map<Node, { readonly at: number; readonly site: Site }> {
  const readers = consumers(graph);
  const found = new Map<Node, { readonly at: number; readonly site: Site }>();
  for (const site of sites.values()) {
    const y = site.node.outputs[0] as Value;
    const [add, ...others] = readers.get(y) ?? [];
    if (site.node.op !== 'MatMul' || !add || !isAdd(add) || others.length > 0) continue;
    found.set(add, { at: add.inputs[0] === y ? 1 : 0, site });
  }
  return found;
}

interface IntegerBias {
  readonly values: Int32Array;
  readonly scales: Float32Array;
}

/** In steps of data times weight, as integer kernels add it; undefined where it is no such vector or has no room. */
function integerBias(bias: Tensor, { weight, data }: Site, { grids, biases }: Activations): IntegerBias | undefined {
  const { layout } = weight.layer;
  const count = layout.stacks * layout.rows;
  const grid = grids.get(data);
  if (biases === 'float' || !grid || bias.dtype !== 'float32' || bias.shape.length !== 1 || bias.shape[0] !== count) {
    return undefined;
  }
  const of = weight.integers.scales;
  const scales = Float32Array.from({ length: of.length }, (_, i) => grid.scale * of[i]!);
  const values = Float64Array.from(floatsOf(bias), (value, i) =>
    Math.round(value / scales[scales.length === 1 ? 0 : i]!),
  );
  const hasRoom = values.every((value) => Math.abs(value) < 2 ** 31);
  return hasRoom ? { values: Int32Array.from(values), scales } : undefined;
}

function dequantisedBias(g: Builder, { values, scales }: IntegerBias, name: string): Value {
  const integers = g.constant(tensor('int32', [values.length], values), name);
  const isOne = scales.length === 1;
  const scale = g.constant(float32(isOne ? [] : [scales.length], scales), `${name}/scale`);
  return g.op('DequantizeLinear', [integers, scale], isOne ? {} : { axis: 0 });
}
