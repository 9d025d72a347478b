/** A graph as a fresh ONNX model: what the runtime is given, and what is saved where nothing was loaded. */
import { UserError } from '../errors.js';
import type { Graph } from '../ir/types.js';
import { encodeFields, toLong } from './protobuf.js';
import { Rope } from './rope.js';
import { fieldNumber } from './schema.js';
import { hasType } from './value-info.js';
import { opsetEntries, type PlaceOf, writeFunction, writeGraph } from './write-graph.js';

export interface EncodeOptions {
  /** Default 10: known to every runtime of the last years, and enough for all element types. */
  readonly irVersion?: number;
  /** Initializers for which this gives a place are written as references to external data. */
  readonly external?: PlaceOf;
}

/** Parsers read no larger message, whatever its content. */
export const mostModelBytes = 2 ** 31 - 1;

/**
 * The bytes of a model with this graph, its functions and opsets.
 * @throws UserError when a graph input has no type, or when the bytes would exceed 2 GiB.
 */
export function encode(graph: Graph, options: EncodeOptions = {}): Uint8Array {
  const rope = writeModel(graph, options);
  if (rope.length > mostModelBytes) {
    throw new UserError(
      'encode',
      `expected at most 2 GiB, got ${rope.length} bytes; give large weights a place outside`,
    );
  }
  return rope.toBytes();
}

/** The same as pieces, so that large payloads can be streamed. */
export function writeModel(
  graph: Graph,
  { irVersion = 10, external }: EncodeOptions,
  facts: { readonly producer?: string; readonly metadata?: ReadonlyMap<string, string> } = {},
): Rope {
  const untyped = graph.inputs.find((value) => !hasType(value) && !graph.initializers.has(value));
  if (untyped) {
    throw new UserError(
      `graph input '${untyped.name}'`,
      'expected a type, got none; annotate the graph it was taken from',
    );
  }
  const number = (field: 'graph' | 'functions') => fieldNumber('ModelProto', field);
  const rope = new Rope()
    .bytes(encodeFields('ModelProto', { irVersion: toLong(irVersion) }))
    .bytes(encodeFields('ModelProto', facts.producer ? { producerName: facts.producer } : {}))
    .field(number('graph'), writeGraph(graph, external))
    .bytes(
      encodeFields('ModelProto', {
        opsetImport: opsetEntries(graph.opsets),
        metadataProps: [...(facts.metadata ?? [])].map(([key, value]) => ({ key, value })),
      }),
    );
  for (const definition of graph.functions) rope.field(number('functions'), writeFunction(definition));
  return rope;
}
