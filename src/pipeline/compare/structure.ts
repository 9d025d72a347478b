/** Differences between graphs other than the elements of their tensors. */
import { describe } from '../../ir/node.js';
import { printType } from '../../ir/print.js';
import type { Attr, Graph, Model, Node, Value } from '../../ir/types.js';
import { bodiesOf, keyOf } from './bodies.js';
import type { StructureDifference } from './report.js';

export function compareStructure(a: Model, b: Model): StructureDifference[] {
  const bodies = { a: bodiesOf(a), b: bodiesOf(b) };
  const places = matched([...bodies.a], [...bodies.b]);
  return [
    ...(a.irVersion === b.irVersion ? [] : [changed('IR version', [became(`${a.irVersion}`, `${b.irVersion}`)])]),
    ...places.flatMap(([place, before, after]) => {
      if (before && after)
        return compareGraphs(before, after).map(({ where, ...rest }) => ({ where: `${place}${where}`, ...rest }));
      // an added or removed subgraph goes with its node, which is listed
      return place.startsWith('function ') && !place.includes(': ', place.indexOf(': ') + 1)
        ? [addedOrRemoved(place.slice(0, -2), after !== undefined)]
        : [];
    }),
  ];
}

function compareGraphs(a: Graph, b: Graph): StructureDifference[] {
  return [
    ...compareOpsets(a, b),
    ...compareValues('input', a.inputs, b.inputs),
    ...compareValues('output', a.outputs, b.outputs),
    ...compareNodes(a.nodes, b.nodes),
  ];
}

const compareOpsets = (a: Graph, b: Graph): StructureDifference[] =>
  matched([...a.opsets], [...b.opsets]).flatMap(([domain, before, after]) =>
    compareTexts(`opset ${domain || 'ai.onnx'}`, before?.toString(), after?.toString()),
  );

const compareValues = (what: string, a: readonly Value[], b: readonly Value[]): StructureDifference[] => {
  const texts = (values: readonly Value[]) =>
    values.map(({ name, type }, i) => [name, `${i} ${printType(type)}`] as const);
  const plain = (text: string | undefined) => text?.slice(text.indexOf(' ') + 1);
  return matched(texts(a), texts(b)).flatMap(([name, before, after]) => {
    const where = `${what} '${name}'`;
    if (before !== undefined && after !== undefined && before !== after && plain(before) === plain(after)) {
      return [changed(where, [`position ${became(before.split(' ')[0]!, after.split(' ')[0]!)}`])];
    }
    return compareTexts(where, plain(before), plain(after));
  });
};

function compareNodes(a: readonly Node[], b: readonly Node[]): StructureDifference[] {
  const keyed = (nodes: readonly Node[]) => nodes.map((node) => [keyOf(node), node] as const);
  const pairs = matched(keyed(a), keyed(b));
  const differences = pairs.flatMap(([, before, after]): StructureDifference[] => {
    if (!before || !after) return [addedOrRemoved(describe((before ?? after)!), after !== undefined)];
    const details = nodeDetails(before, after);
    return details.length > 0 ? [changed(describe(before), details)] : [];
  });
  const common = (nodes: readonly Node[], others: ReadonlySet<string>) =>
    nodes.map(keyOf).filter((key) => others.has(key));
  const orders = [common(a, new Set(b.map(keyOf))), common(b, new Set(a.map(keyOf)))];
  return orders[0]!.join('\n') === orders[1]!.join('\n')
    ? differences
    : [...differences, changed('nodes', ['stand in another order'])];
}

function nodeDetails(a: Node, b: Node): string[] {
  const opText = ({ domain, op, overload = '' }: Node): string => [domain, op, overload].filter(Boolean).join('.');
  const names = (values: Node['inputs']): string => `(${values.map((value) => value?.name ?? '').join(', ')})`;
  const texts = (node: Node) => Object.entries(node.attrs).map(([name, attr]) => [name, attrText(attr)] as const);
  const fields = [
    ['op', opText(a), opText(b)],
    ['name', a.name, b.name],
    ['inputs', names(a.inputs), names(b.inputs)],
    ['outputs', names(a.outputs), names(b.outputs)],
    ...matched(texts(a), texts(b)).map(([name, before, after]) => [
      `attribute ${name}`,
      before ?? 'absent',
      after ?? 'absent',
    ]),
  ];
  return fields.flatMap(([field, before, after]) => (before === after ? [] : [`${field}: ${became(before!, after!)}`]));
}

/** Elements of tensors and the insides of graphs are compared elsewhere. */
function attrText(attr: Attr): string {
  switch (attr.kind) {
    case 'tensor':
      return printType(attr.value);
    case 'tensors':
      return attr.value.map(printType).join(', ');
    case 'graph':
      return 'a graph';
    case 'graphs':
      return `${attr.value.length} graphs`;
    case 'string':
      return JSON.stringify(text(attr.value));
    case 'strings':
      return JSON.stringify(attr.value.map(text));
    case 'opaque':
      return Buffer.from(attr.value).toString('hex');
    case 'float':
      return `float ${attr.value}`;
    case 'reference':
      return `attribute ${attr.value} of the function`;
    default:
      return `${attr.kind} ${attr.value}`;
  }
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

/** Entries of both by key, in the order of the first, then what only the second has. */
function matched<T>(
  a: readonly (readonly [string, T])[],
  b: readonly (readonly [string, T])[],
): [key: string, a: T | undefined, b: T | undefined][] {
  const [left, right] = [new Map(a), new Map(b)];
  return [...new Set([...left.keys(), ...right.keys()])].map((key) => [key, left.get(key), right.get(key)]);
}

const changed = (where: string, details: readonly string[]): StructureDifference => ({
  where,
  change: 'changed',
  details,
});

const addedOrRemoved = (where: string, isAdded: boolean): StructureDifference => ({
  where,
  change: isAdded ? 'added' : 'removed',
  details: [],
});

function compareTexts(where: string, before: string | undefined, after: string | undefined): StructureDifference[] {
  if (before === after) return [];
  if (before === undefined || after === undefined) return [addedOrRemoved(where, after !== undefined)];
  return [changed(where, [became(before, after)])];
}

const became = (before: string, after: string): string => `${before} became ${after}`;
