/** Changed nodes: what is equal to what was read stays verbatim. */
import type { Attr, Node } from '../ir/types.js';
import { type Item, Patch } from './patch.js';
import { patchAttribute, sameAttr } from './patch-attribute.js';
import type { Patching } from './patch-tensor.js';
import { encodeFields, type Fields } from './protobuf.js';
import { readString } from './read-message.js';
import { Rope } from './rope.js';
import { fieldNumber } from './schema.js';
import { type Body, bodyOf } from './wire.js';
import { nameOf, writeAttribute } from './write-graph.js';

/** @param old the node as it was read from `body`. */
export function patchNode(patching: Patching, body: Body, old: Node, now: Node): Rope {
  const patch = new Patch('NodeProto', body, patching.relocation);
  patchStrings(patch, fieldNumber('NodeProto', 'input'), old.inputs.map(nameOf), now.inputs.map(nameOf));
  patchStrings(patch, fieldNumber('NodeProto', 'output'), old.outputs.map(nameOf), now.outputs.map(nameOf));
  const set = (field: 'name' | 'opType' | 'domain' | 'overload', before: string, after: string) => {
    if (before === after) return;
    const fields: Fields<'NodeProto'> = after === '' ? {} : { [field]: after };
    patch.replace(
      patch.records.filter((record) => record.field === fieldNumber('NodeProto', field)),
      new Rope().bytes(encodeFields('NodeProto', fields)),
    );
  };
  set('name', old.name, now.name);
  set('opType', old.op, now.op);
  set('domain', old.domain, now.domain);
  set('overload', old.overload ?? '', now.overload ?? '');
  patchAttributes(patching, patch, fieldNumber('NodeProto', 'attribute'), old.attrs, now.attrs);
  return patch.finish()[0]!;
}

const utf8 = new TextEncoder();

/** A list of names, position by position. */
export function patchStrings(patch: Patch, field: number, old: readonly string[], now: readonly string[]): void {
  if (old.length === now.length && old.every((name, i) => name === now[i])) return;
  patch.sequence(
    field,
    now.map((name, slot): Item => {
      const content = new Rope().bytes(utf8.encode(name));
      return slot >= old.length ? { content } : old[slot] === name ? { slot } : { slot, content };
    }),
  );
}

type Attrs = Readonly<Record<string, Attr>>;

export function patchAttributes(patching: Patching, patch: Patch, field: number, old: Attrs, now: Attrs): void {
  if (old === now) return;
  const names = patch
    .delimited(field)
    .map((record) => readString(bodyOf(patch.body.source, [record]), fieldNumber('AttributeProto', 'name')));
  const kept = names.flatMap((name, slot): Item[] => {
    const [before, after] = [attrOf(old, name), attrOf(now, name)];
    if (!after) return [];
    if (before && sameAttr(before, after)) return [{ slot }];
    const body = bodyOf(patch.body.source, [patch.delimited(field)[slot]!]);
    return [{ slot, content: patchAttribute(patching, body, before, after) }];
  });
  const known = new Set(names);
  const added = Object.entries(now)
    .filter(([name]) => !known.has(name))
    .map(([name, attr]) => ({ content: writeAttribute(name, attr) }));
  patch.sequence(field, [...kept, ...added]);
}

const attrOf = (attrs: Attrs, name: string): Attr | undefined => (Object.hasOwn(attrs, name) ? attrs[name] : undefined);
