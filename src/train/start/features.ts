/** featuresOf: what a classifier knows of a sample before its last linear layer, where embeddings are read and other heads attach. */
import { UserError, unsupported } from '../../errors.js';
import { logitsOf } from '../../evaluate/index.js';
import { feeds, producers, reads } from '../../ir/graph.js';
import { describe, intAttr, isDefaultDomain } from '../../ir/node.js';
import type { Graph, Node, Value } from '../../ir/types.js';

export interface Features {
  /** What the last linear layer reads: [batch, width]. */
  readonly value: Value;
  /** The Gemm or MatMul that makes logits of them. */
  readonly head: Node;
}

/**
 * The input of the Gemm or MatMul that makes the scores of a classifier, whatever of Softmax, bias and layout stands behind it.
 * @param scores default: the output of logits.
 * @throws UserError (exit 3) when something else makes them, or a product of two values that both move.
 */
export function featuresOf(graph: Graph, scores: Value = logitsOf(graph, 2)): Features {
  const makers = producers(graph);
  const moving = movingIn(graph);
  let at = scores;
  for (;;) {
    const node = makers.get(at);
    const moved = node?.inputs.filter((value) => value !== null && moving.has(value)) ?? [];
    const [value, ...others] = moved as Value[];
    if (!node || !value || others.length > 0 || !isDefaultDomain(node.domain)) throw refusal(scores, node);
    if (isProduct(node)) return { value, head: node };
    if (!passing.has(node.op)) throw refusal(scores, node);
    at = value;
  }
}

/** The features behind `scores`; undefined where another kind of layer makes them. */
export function featuresIn(graph: Graph, scores: Value): Value | undefined {
  try {
    return featuresOf(graph, scores).value;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** Ops behind a last linear layer that leave its classes as they are. */
const passing = new Set([
  ...['Softmax', 'LogSoftmax', 'Sigmoid', 'Add', 'Identity', 'Cast'],
  ...['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze'],
]);

const isProduct = (node: Node): boolean =>
  node.op === 'MatMul' || (node.op === 'Gemm' && intAttr(node, 'transA', 0) === 0);

/** Values that depend on what is fed. */
function movingIn(graph: Graph): ReadonlySet<Value> {
  const moving = new Set(feeds(graph));
  for (const node of graph.nodes) {
    if (!reads(node).some((value) => moving.has(value))) continue;
    for (const value of node.outputs) if (value) moving.add(value);
  }
  return moving;
}

const refusal = (scores: Value, node: Node | undefined): Error =>
  unsupported(
    'features',
    `expected a linear layer (Gemm or MatMul) to make '${scores.name}', got ${node ? describe(node) : 'none'}; use a model that ends in one`,
  );
