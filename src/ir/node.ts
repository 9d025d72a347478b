/** Reading attributes of a node with their defaults. */
import type { Attr, Node, Value } from './types.js';

const text = new TextDecoder();
const bytes = new TextEncoder();

/** The integer attribute `name` (values beyond 2^53 are clamped), or `fallback`. */
export function intAttr(node: Node, name: string, fallback: number): number {
  const attr = node.attrs[name];
  return attr?.kind === 'int' ? safe(attr.value) : fallback;
}

export function intsAttr(node: Node, name: string): readonly number[] | undefined {
  const attr = node.attrs[name];
  return attr?.kind === 'ints' ? attr.value.map(safe) : undefined;
}

export function floatAttr(node: Node, name: string, fallback: number): number {
  const attr = node.attrs[name];
  return attr?.kind === 'float' ? attr.value : fallback;
}

export function stringAttr(node: Node, name: string, fallback: string): string {
  const attr = node.attrs[name];
  return attr?.kind === 'string' ? text.decode(attr.value) : fallback;
}

const safe = (value: bigint): number =>
  Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(value)));

/** Attributes from plain values: integers become ints, so a float attribute is given as `{ kind: 'float', value }`. */
export type AttrInput = number | bigint | string | readonly number[] | Attr;

export const attrs = (values: Readonly<Record<string, AttrInput | undefined>>): Record<string, Attr> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, attrOf(value)]])),
  );

function attrOf(value: AttrInput): Attr {
  if (typeof value === 'bigint') return { kind: 'int', value };
  if (typeof value === 'number') {
    return Number.isInteger(value) ? { kind: 'int', value: BigInt(value) } : { kind: 'float', value };
  }
  if (typeof value === 'string') return { kind: 'string', value: bytes.encode(value) };
  if (Array.isArray(value)) return { kind: 'ints', value: value.map(BigInt) };
  return value as Attr;
}

/** `node 'name'`, or its first output where it has no name: how errors point at a node. */
export const describe = (node: Node): string =>
  `${node.domain && node.domain !== 'ai.onnx' ? `${node.domain}.` : ''}${node.op} '${node.name || (node.outputs.find((v) => v)?.name ?? '?')}'`;

export const isDefaultDomain = (domain: string): boolean => domain === '' || domain === 'ai.onnx';

/** Input values that are present, subgraph captures not included. */
export const presentInputs = (node: Node): Value[] => node.inputs.filter((value): value is Value => value !== null);

export const presentOutputs = (node: Node): Value[] => node.outputs.filter((value): value is Value => value !== null);
