/** A model against what it was loaded from: the pieces of the new file, untouched bytes as spans of the old. */
import type { FunctionDefinition, Model } from '../ir/types.js';
import type { ModelOrigin } from './load.js';
import { type Item, Patch } from './patch.js';
import { patchGraph, patchNodes } from './patch-graph.js';
import { patchAttributes, patchStrings } from './patch-node.js';
import type { Patching } from './patch-tensor.js';
import { encodeFields, type Fields, type Message, toLong } from './protobuf.js';
import { readMessage, readString } from './read-message.js';
import { setValue } from './relocate.js';
import { Rope } from './rope.js';
import { fieldNumber } from './schema.js';
import { type Body, bodyOf } from './wire.js';
import { nameOf, opsetEntries, writeFunction } from './write-graph.js';

const number = (field: keyof Message<'ModelProto'>): number => fieldNumber('ModelProto', field);

export function patchModel(patching: Patching, { model: old, body }: ModelOrigin, now: Model): Rope {
  const patch = new Patch('ModelProto', body, patching.relocation);
  const set = (field: 'irVersion' | 'producerName', fields: Fields<'ModelProto'>) =>
    patch.replace(
      patch.records.filter((record) => record.field === number(field)),
      new Rope().bytes(encodeFields('ModelProto', fields)),
    );
  if (old.irVersion !== now.irVersion) set('irVersion', { irVersion: toLong(now.irVersion) });
  if (old.producer !== now.producer) set('producerName', { producerName: now.producer });
  const graphs = patch.delimited(number('graph'));
  patch.pieces(graphs, patchGraph(patching, bodyOf(body.source, graphs), old.graph, now.graph));
  patchOpsets(patch, number('opsetImport'), old.graph.opsets, now.graph.opsets);
  patchMetadata(patch, old.metadata, now.metadata);
  patchFunctions(patching, patch, old.graph.functions, now.graph.functions);
  return patch.finish()[0]!;
}

type Opsets = ReadonlyMap<string, number>;

function patchOpsets(patch: Patch, field: number, old: Opsets, now: Opsets): void {
  if (sameMap(old, now)) return;
  const seen = new Set<string>();
  const kept = patch.delimited(field).flatMap((record, slot): Item[] => {
    const body = bodyOf(patch.body.source, [record]);
    const { domain: written } = readMessage('OperatorSetIdProto', body);
    const domain = written === 'ai.onnx' ? '' : written;
    const version = now.get(domain);
    seen.add(domain);
    if (version === undefined) return [];
    if (old.get(domain) === version) return [{ slot }];
    const entry = new Patch('OperatorSetIdProto', body, patch.relocation);
    const number = fieldNumber('OperatorSetIdProto', 'version');
    entry.replace(
      entry.records.filter((inner) => inner.field === number),
      new Rope().bytes(encodeFields('OperatorSetIdProto', { version: toLong(version) })),
    );
    return [{ slot, content: entry.finish()[0]! }];
  });
  const added = opsetEntries(new Map([...now].filter(([domain]) => !seen.has(domain)))).map((fields) => ({
    content: new Rope().bytes(encodeFields('OperatorSetIdProto', fields)),
  }));
  patch.sequence(field, [...kept, ...added]);
}

function patchMetadata(patch: Patch, old: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): void {
  if (sameMap(old, now)) return;
  const field = number('metadataProps');
  const kept = patch.delimited(field).flatMap((record, slot): Item[] => {
    const body = bodyOf(patch.body.source, [record]);
    const key = readString(body, fieldNumber('StringStringEntryProto', 'key'));
    const value = now.get(key);
    if (value === undefined) return [];
    if (value === old.get(key)) return [{ slot }];
    return [{ slot, content: setValue(new Patch('StringStringEntryProto', body, patch.relocation), value) }];
  });
  const added = [...now]
    .filter(([key]) => !old.has(key))
    .map(([key, value]) => ({ content: new Rope().bytes(encodeFields('StringStringEntryProto', { key, value })) }));
  patch.sequence(field, [...kept, ...added]);
}

const sameMap = <V>(a: ReadonlyMap<string, V>, b: ReadonlyMap<string, V>): boolean =>
  a === b || (a.size === b.size && [...a].every(([key, value]) => b.get(key) === value));

type Functions = readonly FunctionDefinition[];

function patchFunctions(patching: Patching, patch: Patch, old: Functions, now: Functions): void {
  if (old === now) return;
  const field = number('functions');
  const slots = patch.delimited(field);
  patch.sequence(
    field,
    now.map((definition): Item => {
      const slot = old.findIndex((other) => keyOf(other) === keyOf(definition));
      const record = slots[slot];
      if (!record) return { content: writeFunction(definition) };
      if (old[slot] === definition) return { slot };
      return { slot, content: patchFunction(patching, bodyOf(patch.body.source, [record]), old[slot]!, definition) };
    }),
  );
}

const keyOf = ({ domain, name, overload }: FunctionDefinition): string => JSON.stringify([domain, name, overload]);

function patchFunction(patching: Patching, body: Body, old: FunctionDefinition, now: FunctionDefinition): Rope {
  const patch = new Patch('FunctionProto', body, patching.relocation);
  const field = (name: keyof Message<'FunctionProto'>): number => fieldNumber('FunctionProto', name);
  patchStrings(patch, field('input'), old.body.inputs.map(nameOf), now.body.inputs.map(nameOf));
  patchStrings(patch, field('output'), old.body.outputs.map(nameOf), now.body.outputs.map(nameOf));
  patchStrings(patch, field('attribute'), old.attributes, now.attributes);
  patchAttributes(patching, patch, field('attributeProto'), old.defaults, now.defaults);
  patchNodes(patching, patch, field('node'), old.body.nodes, now.body.nodes);
  patchOpsets(patch, field('opsetImport'), old.body.opsets, now.body.opsets);
  return patch.finish()[0]!;
}
