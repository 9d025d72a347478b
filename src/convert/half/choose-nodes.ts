/** Which nodes of a graph compute in half precision, and why the others do not. */
import { consumers, producers, reads, subgraphs } from '../../ir/graph.js';
import { isDefaultDomain } from '../../ir/node.js';
import type { Graph, Node, Value } from '../../ir/types.js';
import { halfForms } from '../../runtime/half-form.js';
import { type DataType, dataTypes } from '../../tensor/dtype.js';
import { type HalfType, halved } from './halve.js';

export interface HalfNode {
  /** With its own attributes of float32 in half precision. */
  readonly node: Node;
  /** Of its outputs. */
  readonly types: readonly (DataType | undefined)[];
}

export interface NodeChoice {
  /** Nodes that read or make float32 and are converted. */
  readonly halves: ReadonlyMap<Node, HalfNode>;
  /** Why others that read or make float32 stay, by the op they are. */
  readonly kept: ReadonlyMap<Node, string>;
}

export interface Choosing {
  readonly to: HalfType;
  /** Whether ops that lose most in half precision are converted too. */
  readonly isBold: boolean;
  /** Of a node, by its name, its op and the names of its weights. */
  isChosen(...names: readonly string[]): boolean;
  typeOf(value: Value): DataType | undefined;
}

/** Sums, exponentials and squares leave the range of float16 or its digits first; scales of integers are multiplied by large numbers. */
const delicate: ReadonlySet<string> = new Set([
  ...['Exp', 'Log', 'Pow', 'Sqrt', 'Reciprocal', 'Softmax', 'LogSoftmax', 'CumSum', 'CumProd', 'Softplus'],
  ...['ReduceSum', 'ReduceMean', 'ReduceProd', 'ReduceL1', 'ReduceL2', 'ReduceLogSum', 'ReduceLogSumExp'],
  ...['ReduceSumSquare', 'LayerNormalization', 'SimplifiedLayerNormalization', 'SkipLayerNormalization'],
  ...['SkipSimplifiedLayerNormalization', 'InstanceNormalization', 'GroupNormalization', 'RMSNormalization'],
  ...['LpNormalization', 'MeanVarianceNormalization', 'BatchNormalization', 'LRN', 'Resize', 'Upsample', 'GridSample'],
  ...['QuantizeLinear', 'DequantizeLinear', 'DynamicQuantizeLinear', 'DFT', 'STFT', 'Sin', 'Cos', 'Tan'],
]);

/** What most of the arithmetic is in: never kept only because what lies around it is. */
const heavy: ReadonlySet<string> = new Set([
  ...['MatMul', 'Gemm', 'Conv', 'ConvTranspose', 'Einsum', 'Attention', 'LSTM', 'GRU', 'RNN', 'FusedMatMul'],
]);

export async function chooseNodes(graph: Graph, choosing: Choosing): Promise<NodeChoice> {
  const halves = new Map<Node, HalfNode>();
  const kept = new Map<Node, string>();
  const form = halfForms(graph, choosing.to);
  const isConst = constantsOf(graph);
  for (const node of graph.nodes) {
    if (!touchesFloats(node, choosing) || isConstant(node)) continue;
    const reason = reasonAgainst(graph, node, isConst, choosing);
    if (reason !== undefined) {
      kept.set(node, reason);
      continue;
    }
    const half = inHalf(node, choosing.to);
    const inputs = half.inputs.map((value) => (value ? choosing.typeOf(value) : undefined));
    const isTyped = half.inputs.every((value, i) => !value || inputs[i]);
    const types = isTyped ? await form((to) => inHalf(node, to), inputs) : undefined;
    if (types) halves.set(node, { node: half, types });
    else kept.set(node, `no form in ${choosing.to}`);
  }
  keepBetween(graph, choosing, halves, kept);
  return { halves, kept };
}

export const isConstant = (node: Node): boolean => node.op === 'Constant' && isDefaultDomain(node.domain);

const touchesFloats = (node: Node, { typeOf }: Choosing): boolean =>
  [...reads(node), ...node.outputs].some((value) => value && typeOf(value) === 'float32');

function reasonAgainst(
  graph: Graph,
  node: Node,
  isConst: (value: Value) => boolean,
  { isBold, isChosen }: Choosing,
): string | undefined {
  const weights = node.inputs.flatMap((value) => (value && isConst(value) ? [value.name] : []));
  if (subgraphs(node).length > 0) return 'holds graphs of its own';
  if (graph.functions.some(({ domain, name }) => domain === node.domain && name === node.op)) return 'a function';
  if (!isChosen(node.name, node.op, ...weights)) return 'not chosen';
  return !isBold && delicate.has(node.op) ? 'delicate' : undefined;
}

/** Whether a value is an initializer or made by a Constant. */
function constantsOf(graph: Graph): (value: Value) => boolean {
  const made = new Set(graph.nodes.filter(isConstant).flatMap(({ outputs }) => outputs));
  return (value) => graph.initializers.has(value) || made.has(value);
}

/** A Cast to float32 goes to half precision instead, a tensor of an attribute too. */
function inHalf(node: Node, to: HalfType): Node {
  const { attrs } = node;
  if (node.op === 'Cast' && attrs.to?.kind === 'int' && Number(attrs.to.value) === dataTypes.float32.code)
    return { ...node, attrs: { ...attrs, to: { kind: 'int', value: BigInt(dataTypes[to].code) } } };
  const { value } = attrs;
  return node.op === 'ConstantOfShape' && value?.kind === 'tensor' && value.value.dtype === 'float32'
    ? { ...node, attrs: { ...attrs, value: { kind: 'tensor', value: halved(value.value, to) } } }
    : node;
}

/** What stands between nodes that stay, and nothing else, stays with them: two Casts more would only lose digits. */
function keepBetween(graph: Graph, { typeOf }: Choosing, halves: Map<Node, HalfNode>, kept: Map<Node, string>): void {
  const makers = producers(graph);
  const readers = consumers(graph);
  const outputs = new Set(graph.outputs);
  const floats = (values: readonly (Value | null)[]): Value[] =>
    values.filter((value): value is Value => value !== null && typeOf(value) === 'float32');
  const isConst = constantsOf(graph);
  const staysWith = (node: Node): boolean => {
    const sources = floats(node.inputs).filter((value) => !isConst(value));
    const made = floats(node.outputs);
    return (
      made.length > 0 &&
      sources.every((value) => kept.has(makers.get(value)!)) &&
      made.every((value) => !outputs.has(value) && (readers.get(value) ?? []).every((reader) => kept.has(reader)))
    );
  };
  for (let isSettled = false; !isSettled; ) {
    isSettled = true;
    for (const node of [...halves.keys()]) {
      if (heavy.has(node.op) || !staysWith(node)) continue;
      halves.delete(node);
      kept.set(node, 'between such');
      isSettled = false;
    }
  }
}
