/** How many tokens a model knows, read off the embedding that its ids go through. */
import { UserError } from '../errors.js';
import { consumers } from '../ir/graph.js';
import { isDefaultDomain } from '../ir/node.js';
import type { Graph, Node, Value } from '../ir/types.js';
import { dataOf, type Tensor } from '../tensor/tensor.js';

/** Ops that pass ids on as they are. */
const transparent = new Set(['Cast', 'Flatten', 'Identity', 'Reshape', 'Squeeze', 'Unsqueeze']);

/** Rows of the embedding that looks `ids` up; undefined when it is not found or its size is not known. */
export function vocabularySize(graph: Graph, ids: Value): number | undefined {
  const readers = consumers(graph);
  const reached = [ids];
  for (const value of reached) {
    for (const node of readers.get(value) ?? []) {
      const table = embeddingTable(node, value);
      const rows = table && rowsOf(graph, table);
      if (rows !== undefined) return rows;
      if (isDefaultDomain(node.domain) && transparent.has(node.op) && node.inputs[0] === value) {
        for (const output of node.outputs) if (output && !reached.includes(output)) reached.push(output);
      }
    }
  }
  return undefined;
}

function embeddingTable(node: Node, ids: Value): Value | undefined {
  const [first, second, third] = node.inputs;
  if (node.op === 'Gather' && second === ids) return first ?? undefined;
  if (node.op === 'GatherBlockQuantized' && second === ids) return first ?? undefined;
  return node.op === 'EmbedLayerNormalization' && first === ids ? (third ?? undefined) : undefined;
}

/** Rows of an initializer, or of the one that a Cast or DequantizeLinear reads. */
function rowsOf(graph: Graph, table: Value): number | undefined {
  const stored = graph.initializers.get(table);
  if (stored) return stored.shape[0];
  const maker = graph.nodes.find(({ outputs }) => outputs.includes(table));
  const source = maker && ['Cast', 'DequantizeLinear', 'Identity'].includes(maker.op) ? maker.inputs[0] : undefined;
  return source ? graph.initializers.get(source)?.shape[0] : undefined;
}

/** Ids are checked in parts of this many bytes, so that a large file is not held whole. */
const part = 2 ** 22;

/** @param tokens int64 [windows, seqLen]. @throws UserError naming the first id that is negative or not below `size`. */
export function checkVocabulary(tokens: Tensor, size: number, where: string): void {
  const { payload, shape } = tokens;
  for (let offset = 0; offset < payload.byteLength; offset += part) {
    const bytes = payload.read(offset, Math.min(part, payload.byteLength - offset));
    const ids = dataOf({
      dtype: 'int64',
      shape: [bytes.length / 8],
      payload: { byteLength: bytes.length, read: () => bytes },
    });
    const wrong = (ids as BigInt64Array).findIndex((id) => id < 0n || id >= size);
    if (wrong < 0) continue;
    const index = offset / 8 + wrong;
    const seqLen = shape.at(-1) as number;
    throw new UserError(
      where,
      `expected token ids in [0, ${size}), got ${ids[wrong]} in window ${Math.floor(index / seqLen)}; use the tokenizer the model was trained with`,
    );
  }
}
