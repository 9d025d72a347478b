/** Windows of tokens: a long stream cut, or stored windows taken. Always int64 [windows, seqLen]. */
import { UserError } from '../errors.js';
import { slicePayload } from '../tensor/file-payload.js';
import { random } from '../tensor/random.js';
import { dataOf, type Tensor, tensor } from '../tensor/tensor.js';

export interface WindowOptions {
  readonly seqLen: number;
  /** Windows taken; absent: all of them, for `random` as many as would fit side by side. */
  readonly samples?: number | undefined;
  /** From the start, or drawn by the seed. */
  readonly order: 'first' | 'random';
  readonly seed: number;
}

/**
 * Cuts a stream of ids, int64 [n]. In the order `first` the windows lie side by side and the partial one at the end is dropped (the
 * convention for perplexity); `random` ones start at different places and may overlap.
 * @throws UserError when the stream is too short.
 */
export function cutStream(ids: Tensor, options: WindowOptions, where: string): Tensor {
  const { seqLen, order, seed } = options;
  const length = ids.shape[0] as number;
  const side = Math.floor(length / seqLen);
  const samples = options.samples ?? side;
  const available = order === 'first' ? side : Math.max(0, length - seqLen + 1);
  if (samples > available || side === 0) throw tooFew(where, Math.max(1, samples), available, seqLen, length);
  const starts = order === 'first' ? undefined : random(seed, 'windows').sample(samples, available);
  return takeRows(ids, samples, seqLen, starts);
}

/**
 * Takes stored windows, int64 [windows, seqLen]: the first ones, or a drawn subset; all of them stay in their order.
 * @throws UserError when there are too few, or when their length is another.
 */
export function takeWindows(windows: Tensor, options: WindowOptions, where: string): Tensor {
  const [available, stored] = windows.shape as [number, number];
  const { seqLen, order, seed, samples = available } = options;
  if (stored !== seqLen) {
    throw new UserError(
      where,
      `expected windows of ${seqLen} tokens, got ${stored}; leave the length out or cut them again`,
    );
  }
  if (samples > available || available === 0) {
    throw new UserError(where, `expected ${Math.max(1, samples)} windows, got ${available}; ask for fewer`);
  }
  const drawn = order === 'random' && samples < available;
  const starts = drawn
    ? random(seed, 'windows')
        .sample(samples, available)
        .map((row) => row * seqLen)
    : undefined;
  return takeRows(windows, samples, seqLen, starts);
}

/** Ids of any integer type as int64, not copied when they are. @throws UserError for other types. */
export function asTokens(ids: Tensor, where: string): Tensor {
  if (ids.dtype === 'int64') return ids;
  if (!/^u?int(8|16|32|64)$/.test(ids.dtype)) {
    throw new UserError(where, `expected token ids of an integer type, got ${ids.dtype}; save them as int64`);
  }
  return tensor('int64', ids.shape, BigInt64Array.from(dataOf(ids) as Int32Array, BigInt));
}

/** `count` rows from the start without a copy, or those that start at the given elements. */
function takeRows(ids: Tensor, count: number, seqLen: number, starts?: Uint32Array): Tensor {
  const rowBytes = seqLen * BigInt64Array.BYTES_PER_ELEMENT;
  if (!starts) {
    return { dtype: 'int64', shape: [count, seqLen], payload: slicePayload(ids.payload, 0, count * rowBytes) };
  }
  const bytes = new Uint8Array(count * rowBytes);
  starts.forEach((start, row) => {
    bytes.set(ids.payload.read(start * BigInt64Array.BYTES_PER_ELEMENT, rowBytes), row * rowBytes);
  });
  return tensor('int64', [count, seqLen], new BigInt64Array(bytes.buffer));
}

export const tooFew = (where: string, samples: number, available: number, seqLen: number, length: number): UserError =>
  new UserError(
    where,
    `expected ${samples} windows of ${seqLen} tokens, got ${available} from ${length} tokens; give more text, fewer samples or shorter windows`,
  );

/** @throws UserError for windows too short to predict anything in. */
export function checkSeqLen(seqLen: number, where: string): void {
  if (!Number.isInteger(seqLen) || seqLen < 2) {
    throw new UserError(where, `expected windows of at least 2 tokens, got ${seqLen}; give a larger --seq-len`);
  }
}
