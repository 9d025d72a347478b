/** A changed tensor in the place and the storage of the old one: raw, typed, external, sparse. */
import { unsupported } from '../errors.js';
import { dataTypes } from '../tensor/dtype.js';
import type { Tensor } from '../tensor/tensor.js';
import type { ExternalChanges } from './external-changes.js';
import { type ExternalFiles, placeOf } from './external-data.js';
import type { Layout } from './layout.js';
import { Patch } from './patch.js';
import { encodeFields, type Fields, type Message, toLong } from './protobuf.js';
import { readLight, readMessage } from './read-message.js';
import { readTensor } from './read-tensor.js';
import { type Relocation, setValue } from './relocate.js';
import { Rope } from './rope.js';
import { externalLocation, fieldNumber, type MessageName } from './schema.js';
import { encodeSparse } from './sparse.js';
import { encodeTyped, type TypedField, typedFieldOf, typedFields } from './typed-data.js';
import { type Body, bodyOf } from './wire.js';

/** What patches of one save share. */
export interface Patching {
  readonly relocation: Relocation;
  readonly external: ExternalChanges;
  /** Where initializers go; absent: where they were. */
  readonly layout?: Layout | undefined;
}

/** Only initializers may lie outside of a model that is laid out anew. */
export type TensorRole = 'initializer' | 'part';

const number = (field: keyof Message<'TensorProto'>): number => fieldNumber('TensorProto', field);

/** Whether both hold the same elements, as far as the identity of the payload tells. */
export const sameTensor = (a: Tensor | undefined, b: Tensor | undefined): boolean =>
  a === b ||
  (a !== undefined &&
    a.payload === b?.payload &&
    a.dtype === b.dtype &&
    String(a.shape) === String(b.shape) &&
    (b.storage === undefined || sameStorage(a, b)) &&
    sameStrings(a.strings ?? [], b.strings ?? []));

const sameStorage = (a: Tensor, b: Tensor): boolean => storageText(a) === storageText(b);

const storageText = ({ storage }: Tensor): string => (storage?.kind === 'sparse' ? storage.indices : 'dense');

const sameStrings = (a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean =>
  a.length === b.length && a.every((bytes, i) => Buffer.compare(bytes, b[i]!) === 0);

export function patchTensor(patching: Patching, body: Body, tensor: Tensor, role: TensorRole = 'part'): Rope[] {
  const patch = new Patch('TensorProto', body, patching.relocation);
  const light = readLight('TensorProto', body, patch.records);
  const code = dataTypes[tensor.dtype].code;
  if (String(light.dims.map(Number)) !== String(tensor.shape)) {
    set(patch, 'dims', { dims: tensor.shape.map(toLong) });
  }
  if (light.dataType !== code) set(patch, 'dataType', { dataType: code });
  if (tensor.dtype === 'string') set(patch, 'stringData', { stringData: tensor.strings ?? [] });
  else if (patching.layout) setPlaced(patching.layout, patch, light, tensor, role);
  else if (light.dataLocation === externalLocation) setExternal(patching, patch, light, tensor);
  else setInline(patch, tensor, tensor.dtype, light.dataType === code);
  return patch.finish();
}

function set(patch: Patch, field: keyof Message<'TensorProto'>, fields: Fields<'TensorProto'>): void {
  const old = patch.records.filter((record) => record.field === number(field));
  patch.replace(old, new Rope().bytes(encodeFields('TensorProto', fields)));
}

/** A tensor of another type than before is stored raw: its old typed field may not hold the new type. */
function setInline(patch: Patch, tensor: Tensor, dtype: Exclude<Tensor['dtype'], 'string'>, sameType: boolean): void {
  const raw = patch.delimited(number('rawData'));
  const typed = patch.records.filter(({ field, wire }) =>
    (Object.keys(typedFields) as TypedField[]).some(
      (name) => number(name) === field && (wire === 2 || wire === typedFields[name].wire),
    ),
  );
  const staysTyped = sameType && typed.length > 0 && raw.every(({ payload, end }) => end === payload);
  const content = staysTyped
    ? new Rope().field(number(typedFieldOf(dtype)), encodeTyped(tensor.payload.read(), dtype))
    : new Rope().field(number('rawData'), new Rope().payload(tensor.payload));
  patch.replace(
    [...typed, ...raw].sort((a, b) => a.start - b.start),
    content,
  );
}

/** What replaces tensors in verbatim parts of a model that is laid out anew. */
export const replaceIn =
  (layout: Layout, files: ExternalFiles) =>
  (patch: Patch, parent: MessageName): void => {
    const role = parent === 'GraphProto' ? 'initializer' : 'part';
    const light = readLight('TensorProto', patch.body, patch.records);
    if (role === 'part' && light.dataLocation !== externalLocation) return;
    const { tensor } = readTensor(patch.body, { payload: files.bytesAt.bind(files) });
    if (tensor.dtype !== 'string') setPlaced(layout, patch, light, tensor, role);
  };

/** The tensor where the layout wants it; one that was inside and stays there keeps its bytes. */
function setPlaced(
  layout: Layout,
  patch: Patch,
  light: Message<'TensorProto'>,
  tensor: Tensor,
  role: TensorRole,
): void {
  const place = role === 'initializer' ? layout.place(tensor, light.name) : undefined;
  const isOutside = light.dataLocation === externalLocation;
  if (place) {
    removeInline(patch);
    set(patch, 'dataLocation', { dataLocation: externalLocation });
    const { location, offset, length } = place;
    setEntries(patch, { location, offset: `${offset}`, length: `${length}` });
  } else {
    if (isOutside) for (const field of ['externalData', 'dataLocation'] as const) set(patch, field, {});
    const isSame = !isOutside && dataTypes[tensor.dtype].code === light.dataType;
    setInline(patch, tensor, tensor.dtype as Exclude<Tensor['dtype'], 'string'>, isSame);
  }
}

function removeInline(patch: Patch): void {
  const fields = ['rawData', ...(Object.keys(typedFields) as TypedField[])] as const;
  for (const field of fields) set(patch, field, {});
}

function setExternal(patching: Patching, patch: Patch, light: Message<'TensorProto'>, tensor: Tensor): void {
  const old = placeOf(light.externalData, `tensor '${light.name}'`);
  const place = patching.external.put(old, tensor.payload, light.name);
  setEntries(patch, {
    location: patching.relocation.nameOf(old.location),
    ...(place.offset === old.offset ? {} : { offset: `${place.offset}` }),
    ...(old.length === undefined || old.length === place.length ? {} : { length: `${place.length}` }),
  });
}

/** Entries that say where external data lie; others stay. */
function setEntries(patch: Patch, wanted: Readonly<Record<string, string>>): void {
  const field = number('externalData');
  const known = new Set<string>();
  const items = patch.delimited(field).map((record, slot) => {
    const entry = bodyOf(patch.body.source, [record]);
    const { key, value } = readMessage('StringStringEntryProto', entry);
    known.add(key);
    const next = wanted[key] ?? value;
    return next === value
      ? { slot }
      : { slot, content: setValue(new Patch('StringStringEntryProto', entry, patch.relocation), next) };
  });
  const added = Object.entries(wanted)
    .filter(([key]) => !known.has(key))
    .map(([key, value]) => ({ content: new Rope().bytes(encodeFields('StringStringEntryProto', { key, value })) }));
  patch.sequence(field, [...items, ...added]);
}

/** A sparse tensor stays sparse: the elements that are not zero, with indices of the rank they had, or that are asked for. */
export function patchSparseTensor(patching: Patching, body: Body, tensor: Tensor): Rope[] {
  if (dataTypes[tensor.dtype].bits < 8)
    throw unsupported('save', `a sparse tensor of ${tensor.dtype} cannot be changed; make it dense first`);
  const patch = new Patch('SparseTensorProto', body, patching.relocation);
  const parts = (field: 'values' | 'indices') => patch.delimited(fieldNumber('SparseTensorProto', field));
  const indicesBody = bodyOf(body.source, parts('indices'));
  const { dims } = readLight(
    'TensorProto',
    indicesBody,
    new Patch('TensorProto', indicesBody, patching.relocation).records,
  );
  const { storage } = tensor;
  const coordinates = storage?.kind === 'sparse' ? storage.indices === 'coordinates' : dims.length === 2;
  const { values, indices } = encodeSparse(tensor, coordinates);
  patch.pieces(parts('values'), patchTensor(patching, bodyOf(body.source, parts('values')), values));
  patch.pieces(parts('indices'), patchTensor(patching, indicesBody, indices));
  const shape = patch.records.filter(({ field }) => field === fieldNumber('SparseTensorProto', 'dims'));
  const { dims: old } = readLight('SparseTensorProto', body, patch.records);
  if (String(old.map(Number)) !== String(tensor.shape)) {
    patch.replace(shape, new Rope().bytes(encodeFields('SparseTensorProto', { dims: tensor.shape.map(toLong) })));
  }
  return patch.finish();
}
