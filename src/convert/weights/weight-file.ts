/** The file of a model's weights: those that a coding makes smaller are coded, the others are there as they are. */
import { unsupported } from '../../errors.js';
import { heed } from '../../heed.js';
import { sizeOf } from '../../tensor/dtype.js';
import { hasSafetensorsName } from '../../tensor/safetensors.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { Converted, ConvertedTensor, ConvertTask } from '../target.js';
import { hasWords } from './bits.js';
import { bytesIn, type Coded, isSmaller } from './coding.js';
import { type Entry, metadataOf } from './entries.js';
import { type MakeWhenRead, makeWhenRead } from './made-when-read.js';
import { countInside, type ModelWeight, modelWeights } from './model-weights.js';

/** One way to fill a file. */
export interface Filling {
  /** What a coded weight is called in reports. */
  readonly to: string;
  /** Which weights are to be coded; otherwise what the task says of their names. */
  isChosen?(weight: ModelWeight): boolean;
  /** Codes a weight of whole elements; or says why it cannot. */
  encode(weight: ModelWeight, make: MakeWhenRead): Coded | string;
  /** What was expected and what to do, when no weight could be coded. */
  refusal(): string;
  /** Whether reasons are told weight by weight; otherwise they are counted. */
  readonly tellsEach?: boolean;
}

/** @throws UserError (exit 3) when no chosen weight can be coded. */
export async function weightFile(task: ConvertTask, filling: Filling): Promise<Converted> {
  const { model, signal } = task;
  const where = model.path ?? 'model';
  const make = makeWhenRead(where);
  const weights = modelWeights(model.graph).filter(({ stored }) => !stored.strings);
  const taken = new Set(weights.map(({ name }) => name));
  const file = { tensors: new Map<string, Tensor>(), entries: [] as Entry[], converted: [] as ConvertedTensor[] };
  const reasons = new Map<string, string>();
  for (const weight of weights) {
    await heed(signal);
    const isChosen = filling.isChosen?.(weight) ?? task.isChosen(...weight.names);
    const coded = isChosen ? codedOf(weight, filling, make, taken) : null;
    if (typeof coded === 'string') reasons.set(weight.name, coded);
    put(file, weight, coded === null || typeof coded === 'string' ? dense(weight.stored) : coded, filling.to);
  }
  if (file.entries.every(({ coding }) => coding === 'dense' || coding === 'bytes')) {
    throw unsupported(where, filling.refusal());
  }
  return {
    made: { kind: 'weights', tensors: file.tensors, metadata: metadataOf(file.entries) },
    tensors: file.converted,
    notes: [...notesOn(reasons, filling), ...leftOut(task)],
  };
}

function codedOf(
  weight: ModelWeight,
  filling: Filling,
  make: MakeWhenRead,
  taken: ReadonlySet<string>,
): Coded | string {
  const { name, stored } = weight;
  if (sizeOf(stored.shape) === 0) return 'it is empty';
  if (!hasWords(stored.dtype) || !hasSafetensorsName(stored.dtype)) {
    return `${stored.dtype} elements cannot be stored one by one`;
  }
  const coded = filling.encode(weight, make);
  if (typeof coded === 'string') return coded;
  if (!isSmaller(coded, stored)) return 'dense is smaller';
  const clash = [...coded.parts.keys()].find((part) => taken.has(name + part));
  return clash === undefined ? coded : `another weight is called '${name}${clash}'`;
}

/** A weight as it is, or its bytes where safetensors does not know the type. */
function dense(stored: Tensor): Coded {
  const { dtype, payload } = stored;
  if (hasSafetensorsName(dtype)) return { coding: 'dense', facts: {}, parts: new Map([['', stored]]) };
  const bytes: Tensor = { dtype: 'uint8', shape: [payload.byteLength], payload };
  return { coding: 'bytes', facts: {}, parts: new Map([['', bytes]]) };
}

function put(
  file: { tensors: Map<string, Tensor>; entries: Entry[]; converted: ConvertedTensor[] },
  { name, stored }: ModelWeight,
  { coding, facts, parts }: Coded,
  to: string,
): void {
  const { dtype, shape, payload } = stored;
  for (const [part, tensor] of parts) file.tensors.set(name + part, tensor);
  file.entries.push({ name, coding, dtype, shape, ...facts });
  const bytes = { before: payload.byteLength, after: bytesIn(parts.values()) };
  file.converted.push({ name, from: dtype, to: coding === 'dense' || coding === 'bytes' ? dtype : to, bytes });
}

function notesOn(reasons: ReadonlyMap<string, string>, { tellsEach }: Filling): string[] {
  if (tellsEach) return [...reasons].map(([name, reason]) => `'${name}' stays dense: ${reason}`);
  const counts = new Map<string, number>();
  for (const reason of reasons.values()) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => `${count} of the weights stay dense: ${reason}`);
}

function leftOut({ model: { graph } }: ConvertTask): string[] {
  const texts = modelWeights(graph).filter(({ stored }) => stored.strings);
  const inside = countInside(graph);
  return [
    ...texts.map(({ name }) => `'${name}' is not in the file: it holds text`),
    ...(inside > 0 ? [`${inside} tensors stored inside branches, loops or functions are not in the file`] : []),
  ];
}
