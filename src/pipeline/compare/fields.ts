/** Differences in everything that files hold besides structure and weights: metadata, doc strings, unknown fields, ... */
import { describe } from '../../ir/node.js';
import type { Model, Node } from '../../ir/types.js';
import { originOf } from '../../onnx/load.js';
import type { NodeOrigin } from '../../onnx/read-graph.js';
import { fieldNumber, type MessageName, messages } from '../../onnx/schema.js';
import { type Body, bodyOf, gather, records } from '../../onnx/wire.js';
import { bodiesOf, keyOf } from './bodies.js';

/** Names of fields whose stored bytes differ; models that were not loaded from files are compared by what the IR keeps. */
export function compareFields(a: Model, b: Model): string[] {
  const [x, y] = [originOf(a)?.body, originOf(b)?.body];
  if (!x || !y) return compareKept(a, b);
  return [
    ...differing('model', 'ModelProto', x, y, ['irVersion', 'opsetImport', 'graph', 'functions']),
    ...differing('graph', 'GraphProto', graphOf(x), graphOf(y), ['node', 'initializer', 'sparseInitializer']),
    ...nodeFields(a, b),
  ];
}

const compareKept = (a: Model, b: Model): string[] => [
  ...(a.producer === b.producer ? [] : ['model producerName']),
  ...(JSON.stringify([...a.metadata]) === JSON.stringify([...b.metadata]) ? [] : ['model metadataProps']),
  ...(a.graph.name === b.graph.name ? [] : ['graph name']),
];

function graphOf(model: Body): Body {
  const number = fieldNumber('ModelProto', 'graph');
  return bodyOf(
    model.source,
    records(model).filter(({ field }) => field === number),
  );
}

/** Fields of one message that differ, verbatim and in order, those in `except` left out. */
function differing<M extends MessageName>(
  where: string,
  message: M,
  a: Body,
  b: Body,
  except: readonly (keyof (typeof messages)[M] & string)[],
): string[] {
  const left = new Set(except.map((name) => fieldNumber(message, name)));
  const [x, y] = [byField(a), byField(b)];
  const numbers = [...new Set([...x.keys(), ...y.keys()])].filter((number) => !left.has(number)).sort((p, q) => p - q);
  return numbers
    .filter((number) => Buffer.compare(x.get(number) ?? empty, y.get(number) ?? empty) !== 0)
    .map((number) => `${where} ${nameOf(message, number)}`);
}

const empty = new Uint8Array();

function byField(body: Body): Map<number, Uint8Array> {
  const spans = new Map<number, ReturnType<typeof records>>();
  for (const record of records(body)) {
    const list = spans.get(record.field);
    if (list) list.push(record);
    else spans.set(record.field, [record]);
  }
  return new Map([...spans].map(([field, list]) => [field, gather(body.source, list)]));
}

const nameOf = (message: MessageName, number: number): string =>
  Object.entries(messages[message]).find(([, [known]]) => known === number)?.[0] ?? `unknown field ${number}`;

/** Doc strings, metadata and the like of nodes that both have. */
function nodeFields(a: Model, b: Model): string[] {
  const others = bodiesOf(b);
  return [...bodiesOf(a)].flatMap(([place, graph]) => {
    const byKey = new Map(others.get(place)?.nodes.map((node) => [keyOf(node), node]));
    return graph.nodes.flatMap((node) => {
      const [x, y] = [bodyOfNode(node), bodyOfNode(byKey.get(keyOf(node)))];
      const compared = ['input', 'output', 'name', 'opType', 'domain', 'overload', 'attribute'] as const;
      return x && y ? differing(`${place}${describe(node)}`, 'NodeProto', x, y, compared) : [];
    });
  });
}

const bodyOfNode = (node: Node | undefined): Body | undefined => (node?.origin as NodeOrigin | undefined)?.body;
