/** The inputs of language models as exporters name them, and what each is fed for a window of tokens. */
import { UserError, unsupported } from '../errors.js';
import { feeds } from '../ir/graph.js';
import type { Dimension, Graph, Value } from '../ir/types.js';
import { tensorOf } from '../tensor/convert.js';
import { sizeOf } from '../tensor/dtype.js';
import { dataOf, type Tensor } from '../tensor/tensor.js';

/** The role each input plays: by its name, or as the user says. */
export type Role = keyof typeof roles;

interface RoleFacts {
  readonly names: RegExp;
  fill(input: Value, run: Run): Tensor;
}

/** One run of a language model. */
interface Run {
  readonly batch: number;
  readonly seqLen: number;
  /** int64 [batch, seqLen] */
  readonly tokens: Tensor;
  /** What the ids' first dimension is called, so that other inputs' dimensions can be told. */
  readonly batchName: Dimension;
}

export const roles = {
  input_ids: {
    names: /^(input_?ids|ids|tokens?|token_?ids|input_tokens?)$/i,
    fill: (input, { tokens, batch, seqLen }) => retyped(tokens, input, [batch, seqLen]),
  },
  attention_mask: {
    names: /^(attention_?mask|input_mask|mask)$/i,
    fill: (input, { batch, seqLen }) => filled(input, [batch, seqLen], () => 1),
  },
  position_ids: {
    names: /^(position_?ids|positions?)$/i,
    fill: (input, { batch, seqLen }) => filled(input, positionShape(input, batch, seqLen), (i) => i % seqLen),
  },
  token_type_ids: {
    names: /^(token_?type_?ids|segment_?ids)$/i,
    fill: (input, { batch, seqLen }) => filled(input, [batch, seqLen], () => 0),
  },
  cache_position: { names: /^cache_position$/i, fill: (input, { seqLen }) => filled(input, [seqLen], (i) => i) },
  use_cache_branch: { names: /^use_cache(_branch)?$/i, fill: (input) => filled(input, scalarShape(input), () => 0) },
  /** How many of the last positions get logits: 0 asks for all. */
  num_logits_to_keep: {
    names: /^(num_logits_to_keep|logits_to_keep)$/i,
    fill: (input) => filled(input, scalarShape(input), () => 0),
  },
  past: {
    names: /^past[_.]|^past$|^pkv|(^|[._])past(_key|_value)/i,
    fill: (input, run) => filled(input, pastShape(input, run), () => 0),
  },
} satisfies Record<string, RoleFacts>;

export interface LanguageInputs {
  readonly ids: Value;
  readonly roles: ReadonlyMap<Value, Role>;
  /** Inputs that play no known role. */
  readonly others: readonly Value[];
  /** Sizes the model fixes. */
  readonly fixedBatch?: number;
  readonly fixedSeqLen?: number;
  fill(tokens: Tensor): Map<Value, Tensor>;
}

/**
 * What each input of a language model is for, or undefined when none takes token ids.
 * @param map role by input name, for inputs whose names say nothing.
 */
export function languageInputs(graph: Graph, map: Readonly<Record<string, string>> = {}): LanguageInputs | undefined {
  const inputs = feeds(graph);
  const assigned = new Map<Value, Role>();
  for (const input of inputs) {
    const role = roleOf(input, map);
    if (role) assigned.set(input, role);
  }
  const ids = [...assigned].find(([, role]) => role === 'input_ids')?.[0] ?? onlyIntegerInput(inputs, assigned);
  if (!ids) return undefined;
  assigned.set(ids, 'input_ids');
  const [batch, seqLen] = idsShape(ids);
  return {
    ids,
    roles: assigned,
    others: inputs.filter((input) => !assigned.has(input)),
    ...(typeof batch === 'number' && { fixedBatch: batch }),
    ...(typeof seqLen === 'number' && { fixedSeqLen: seqLen }),
    fill(tokens) {
      const [rows, columns] = tokens.shape as [number, number];
      const run: Run = { batch: rows, seqLen: columns, tokens, batchName: batch };
      return new Map([...assigned].map(([input, role]) => [input, (roles[role] as RoleFacts).fill(input, run)]));
    },
  };
}

function roleOf(input: Value, map: Readonly<Record<string, string>>): Role | undefined {
  const said = Object.hasOwn(map, input.name) ? map[input.name] : undefined;
  if (said !== undefined) return Object.hasOwn(roles, said) ? (said as Role) : undefined;
  const role = (Object.keys(roles) as Role[]).find((name) => roles[name].names.test(input.name));
  // an input of that name that holds features is not one of token ids
  return role === 'input_ids' && !isInteger(input) ? undefined : role;
}

function onlyIntegerInput(inputs: readonly Value[], assigned: ReadonlyMap<Value, Role>): Value | undefined {
  const candidates = inputs.filter(
    (input) => !assigned.has(input) && isInteger(input) && input.type?.shape?.length === 2,
  );
  return candidates.length === 1 ? candidates[0] : undefined;
}

const isInteger = ({ type }: Value): boolean => type?.dtype === 'int64' || type?.dtype === 'int32';

function idsShape(ids: Value): readonly [Dimension, Dimension] {
  const shape = ids.type?.shape ?? [null, null];
  if (shape.length !== 2) {
    throw unsupported(
      describe(ids),
      `expected token ids of shape [batch, sequence], got rank ${shape.length}; export the model with both axes`,
    );
  }
  return shape as [Dimension, Dimension];
}

function positionShape(input: Value, batch: number, seqLen: number): number[] {
  const shape = input.type?.shape ?? [null, null];
  const leading = shape
    .slice(0, -1)
    .map((size, axis) => (typeof size === 'number' ? size : axis === shape.length - 2 ? batch : 1));
  return [...leading, seqLen];
}

const scalarShape = (input: Value): number[] => (input.type?.shape ?? [1]).map(() => 1);

/** Keys and values of no earlier position: one dimension is the batch, known ones stay, the one left has length 0. */
function pastShape(input: Value, { batch, batchName }: Run): number[] {
  const shape = input.type?.shape;
  if (!shape) throw unsupported(describe(input), 'expected a shape, got none; export the model with one');
  const isBatch = (size: Dimension, axis: number) =>
    typeof size === 'string' ? size === batchName || /batch/i.test(size) : size === null && axis === 0;
  const unknown = shape.filter((size, axis) => typeof size !== 'number' && !isBatch(size, axis));
  const pasts = unknown.filter((size) => typeof size === 'string' && /past|cache|seq/i.test(size));
  if (unknown.length !== 1 && pasts.length !== unknown.length) {
    throw unsupported(
      describe(input),
      `expected one dimension of unknown size, the past length, got [${shape.map((size) => size ?? '?').join(', ')}]; export the model with fixed heads and head size`,
    );
  }
  return shape.map((size, axis) => (typeof size === 'number' ? size : isBatch(size, axis) ? batch : 0));
}

function filled(input: Value, shape: readonly number[], value: (index: number) => number): Tensor {
  checkShape(input, shape);
  return tensorOf(
    input.type!.dtype,
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => value(i)),
  );
}

function retyped(tokens: Tensor, input: Value, shape: readonly number[]): Tensor {
  checkShape(input, shape);
  if (input.type?.dtype === 'int64') return tokens;
  const ids = Int32Array.from(dataOf(tokens) as BigInt64Array, Number);
  return { dtype: 'int32', shape, payload: { byteLength: ids.byteLength, read: viewOf(ids) } };
}

const viewOf =
  (ids: Int32Array) =>
  (offset = 0, length = ids.byteLength - offset) =>
    new Uint8Array(ids.buffer, ids.byteOffset + offset, length);

function checkShape(input: Value, shape: readonly number[]): void {
  const { type } = input;
  if (!type)
    throw unsupported(describe(input), 'expected a dense tensor, got another type; such a model cannot be fed');
  const declared = type.shape;
  if (!declared) return;
  const fits =
    declared.length === shape.length && declared.every((size, i) => typeof size !== 'number' || size === shape[i]);
  if (!fits) {
    throw new UserError(
      describe(input),
      `the model takes [${declared.map((size) => size ?? '?').join(', ')}], but this data makes [${shape.join(', ')}]; give data of that shape`,
    );
  }
}

const describe = ({ name }: Value): string => `input '${name}'`;
