/** Files of weights: those that scalpel convert wrote are read back to dense tensors, bit for bit; others hold such tensors. */
import { UserError } from '../errors.js';
import { hasSafetensorsName, loadSafetensors } from '../tensor/safetensors.js';
import type { Tensor } from '../tensor/tensor.js';
import { bitmask } from './weights/bitmask.js';
import { type Coding, checkPart, denseBytes } from './weights/coding.js';
import { csr } from './weights/csr.js';
import { damaged, type Entry, isCoded, readEntries } from './weights/entries.js';
import { makeWhenRead } from './weights/made-when-read.js';
import { nm } from './weights/nm.js';

/**
 * The weights of a file by name, in the model's order. Each is decoded, and its contents are checked, when it is read.
 * Files that others wrote hold dense tensors.
 * @throws UserError naming the file when it is no safetensors file, or is damaged.
 */
export function loadWeights(path: string): Map<string, Tensor> {
  const { tensors, metadata } = loadSafetensors(path);
  const said = new Map(Object.entries(metadata));
  return isCoded(said) ? decodeWeights(tensors, said, path) : new Map(tensors);
}

/**
 * Dense tensors from what a target that writes safetensors made. Types, shapes and sizes are checked at once, masks, columns and
 * positions when a tensor is read; of those read, the last one is held.
 * @param where starts the errors.
 * @throws UserError when `metadata` do not describe the tensors, or what is read contradicts itself.
 */
export function decodeWeights(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: ReadonlyMap<string, string>,
  where: string,
): Map<string, Tensor> {
  const make = makeWhenRead(where);
  const left = new Set(tensors.keys());
  const take = (name: string, place: string): Tensor => {
    const part = tensors.get(name);
    if (!part) throw damaged(place, `expected a tensor '${name}', got none`);
    if (!left.delete(name)) throw damaged(place, `two weights are made of '${name}'`);
    return part;
  };
  const weights = readEntries(metadata, where).map((entry) => [entry.name, decoded(entry, take, make, where)] as const);
  const [unknown] = left;
  if (unknown !== undefined) throw damaged(where, `its metadata do not say what '${unknown}' is`);
  return new Map(weights);
}

const codings: Readonly<Record<string, Coding>> = { bitmask, csr, 'n:m': nm };

function decoded(
  entry: Entry,
  take: (name: string, place: string) => Tensor,
  make: ReturnType<typeof makeWhenRead>,
  where: string,
): Tensor {
  const { name, dtype, shape } = entry;
  const place = `${where}: '${name}'`;
  if (entry.coding === 'dense' || entry.coding === 'bytes') return stored(entry, take(name, place), place);
  const coding = Object.hasOwn(codings, entry.coding) ? codings[entry.coding] : undefined;
  if (!coding) {
    const known = ['dense', 'bytes', ...Object.keys(codings)].join(', ');
    throw new UserError(
      place,
      `expected a coding of ${known}, got '${entry.coding}'; read it with the scalpel that wrote it`,
    );
  }
  const parts = coding.parts.map((part) => take(name + part, place));
  return { dtype, shape, payload: make(denseBytes(entry), coding.open(entry, parts, place)) };
}

/** A weight that is in the file as it is, or as the bytes of a type that safetensors does not have. */
function stored(entry: Entry, part: Tensor, place: string): Tensor {
  const { dtype, shape } = entry;
  const isNamed = entry.coding === 'dense' && hasSafetensorsName(dtype);
  checkPart(part, isNamed ? { dtype, shape } : { dtype: 'uint8', shape: [denseBytes(entry)] }, place);
  return { dtype, shape, payload: part.payload };
}
