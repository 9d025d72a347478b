/** One finished step of a run on disk: tensors, and plain facts that also say how to tell whether the tensors are whole. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hashFile } from '../files/hash.js';
import { writeWhole, writeWholeSync } from '../files/whole-file.js';
import { dataTypes } from '../tensor/dtype.js';
import { encodeSafetensors, loadSafetensors } from '../tensor/safetensors.js';
import type { Tensor } from '../tensor/tensor.js';

/** One finished step: its tensors, read when asked for, and plain facts. */
export interface Checkpoint {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly facts: unknown;
}

/** What the facts' file holds; `seal` is the hash of the rest. */
interface Sealed {
  readonly tensors: { readonly bytes: number; readonly sha256: string };
  readonly facts: unknown;
  readonly seal: string;
}

export const isCheckpoint = (name: string): boolean => name.endsWith('.safetensors');

/** Writes a step whole: the facts come last, so a step without them was never finished. */
export async function writeCheckpoint(
  folder: string,
  name: string,
  tensors: ReadonlyMap<string, Tensor>,
  facts: unknown,
): Promise<void> {
  const hash = createHash('sha256');
  let bytes = 0;
  await writeWhole(
    dataOf(folder, name),
    observed(encodeTensors(tensors, name), (chunk) => {
      hash.update(chunk);
      bytes += chunk.length;
    }),
  );
  const record = { tensors: { bytes, sha256: hash.digest('hex') }, facts: facts ?? null };
  writeWholeSync(factsOf(folder, name), JSON.stringify({ ...record, seal: sealOf(record) }));
}

/** Whether a step is there and every byte is as it was written: power loss and bad disks leave other things. */
export async function checkCheckpoint(folder: string, name: string): Promise<'absent' | 'damaged' | 'whole'> {
  if (!existsSync(factsOf(folder, name))) return 'absent';
  const record = readRecord(folder, name);
  if (!record) return 'damaged';
  const data = dataOf(folder, name);
  const { bytes, sha256 } = record.tensors;
  if (statSync(data, { throwIfNoEntry: false })?.size !== bytes) return 'damaged';
  return (await hashFile(data)) === sha256 ? 'whole' : 'damaged';
}

/** The step of that name, which must be whole. */
export const readCheckpoint = (folder: string, name: string): Checkpoint => ({
  tensors: loadTensors(dataOf(folder, name)),
  facts: readFacts(folder, name),
});

/** The facts of a step alone; undefined when it is absent or its facts are damaged. */
export const readFacts = (folder: string, name: string): unknown => readRecord(folder, name)?.facts;

/** The facts go first, so that a kill in between leaves no step. */
export function removeCheckpoint(folder: string, name: string): void {
  for (const path of [factsOf(folder, name), dataOf(folder, name)]) rmSync(path, { force: true });
}

const dataOf = (folder: string, name: string): string => join(folder, `${name}.safetensors`);
const factsOf = (folder: string, name: string): string => join(folder, `${name}.json`);

function readRecord(folder: string, name: string): Sealed | undefined {
  try {
    const { seal, ...record } = JSON.parse(readFileSync(factsOf(folder, name), 'utf8')) as Sealed;
    return sealOf(record) === seal ? { ...record, seal } : undefined;
  } catch {
    return undefined;
  }
}

const sealOf = ({ tensors, facts }: Omit<Sealed, 'seal'>): string =>
  createHash('sha256').update(JSON.stringify({ tensors, facts })).digest('hex');

function* observed(chunks: Iterable<Uint8Array>, see: (chunk: Uint8Array) => void): Generator<Uint8Array> {
  for (const chunk of chunks) {
    see(chunk);
    yield chunk;
  }
}

/** Types of less than a byte have no name in safetensors: their bytes are stored, and the metadata says what they are. */
function encodeTensors(tensors: ReadonlyMap<string, Tensor>, where: string): Iterable<Uint8Array> {
  const packed = [...tensors].filter(([, { dtype }]) => dataTypes[dtype].bits < 8);
  const bytes = packed.map(([name, { payload }]): [string, Tensor] => [
    name,
    { dtype: 'uint8', shape: [payload.byteLength], payload },
  ]);
  const types = packed.map(([name, { dtype, shape }]) => [name, { dtype, shape }] as const);
  const metadata = packed.length > 0 ? { packed: JSON.stringify(Object.fromEntries(types)) } : undefined;
  return encodeSafetensors(new Map([...tensors, ...bytes]), metadata, where);
}

function loadTensors(path: string): ReadonlyMap<string, Tensor> {
  const { tensors, metadata } = loadSafetensors(path);
  const packed = JSON.parse(metadata.packed ?? '{}') as { [name: string]: Pick<Tensor, 'dtype' | 'shape'> };
  return new Map([...tensors].map(([name, t]) => [name, { ...t, ...packed[name] }]));
}
