/** Changed attributes: tensors and graphs are patched inside, other values replaced; names and docs stay verbatim. */
import type { Attr } from '../ir/types.js';
import { Patch } from './patch.js';
import { patchGraph } from './patch-graph.js';
import { type Patching, patchTensor, sameTensor } from './patch-tensor.js';
import type { Message } from './protobuf.js';
import { Rope } from './rope.js';
import { fieldNumber, messages } from './schema.js';
import { type Body, bodyOf } from './wire.js';
import { writeAttributeValue } from './write-graph.js';

const number = (field: keyof Message<'AttributeProto'>): number => fieldNumber('AttributeProto', field);

const lasting: ReadonlySet<number> = new Set([number('name'), number('docString')]);

/** @param old what was read from `body`. */
export function patchAttribute(patching: Patching, body: Body, old: Attr | undefined, now: Attr): Rope {
  if (now.kind === 'opaque') return new Rope().bytes(now.value);
  const patch = new Patch('AttributeProto', body, patching.relocation);
  if (!patchInside(patching, patch, old, now)) {
    const values = patch.records.filter(({ field }) => known.has(field) && !lasting.has(field));
    patch.replace(values, writeAttributeValue(now));
  }
  return patch.finish()[0]!;
}

const known: ReadonlySet<number> = new Set(Object.values(messages.AttributeProto).map(([field]) => field));

/** Patches a tensor or graph within the attribute; false where the value is of another kind than before. */
function patchInside(patching: Patching, patch: Patch, old: Attr | undefined, now: Attr): boolean {
  const { source } = patch.body;
  if (old?.kind === 'tensor' && now.kind === 'tensor') {
    const pieces = patch.delimited(number('t'));
    patch.pieces(pieces, patchTensor(patching, bodyOf(source, pieces), now.value));
    return true;
  }
  if (old?.kind === 'graph' && now.kind === 'graph') {
    const pieces = patch.delimited(number('g'));
    patch.pieces(pieces, patchGraph(patching, bodyOf(source, pieces), old.value, now.value));
    return true;
  }
  if (old?.kind === 'graphs' && now.kind === 'graphs' && old.value.length === now.value.length) {
    const bodies = patch.delimited(number('graphs')).map((record) => bodyOf(source, [record]));
    patch.sequence(
      number('graphs'),
      now.value.map((graph, slot) => {
        const before = old.value[slot]!;
        return before === graph ? { slot } : { slot, content: patchGraph(patching, bodies[slot]!, before, graph)[0]! };
      }),
    );
    return true;
  }
  return false;
}

/** Whether two attributes are equal; graphs only when they are the same object. */
export function sameAttr(a: Attr, b: Attr): boolean {
  if (a === b) return true;
  switch (a.kind) {
    case 'float':
      return a.kind === b.kind && Object.is(a.value, b.value);
    case 'int':
    case 'graph':
    case 'reference':
      return a.kind === b.kind && a.value === b.value;
    case 'string':
    case 'opaque':
      return a.kind === b.kind && sameBytes(a.value, b.value);
    case 'floats':
      return a.kind === b.kind && sameList(a.value, b.value, Object.is);
    case 'ints':
    case 'graphs':
      return a.kind === b.kind && sameList<unknown>(a.value, b.value, Object.is);
    case 'strings':
      return a.kind === b.kind && sameList(a.value, b.value, sameBytes);
    case 'tensor':
      return a.kind === b.kind && sameTensor(a.value, b.value);
    case 'tensors':
      return a.kind === b.kind && sameList(a.value, b.value, sameTensor);
  }
}

const sameList = <T>(a: readonly T[], b: readonly T[], same: (x: T, y: T) => boolean): boolean =>
  a.length === b.length && a.every((value, i) => same(value, b[i]!));

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
