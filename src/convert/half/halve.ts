/** One tensor of float32 in half precision: converted when and where it is read, and what that costs in precision. */
import { heed } from '../../heed.js';
import { bfloat16Bits, decode, float16Bits } from '../../tensor/convert.js';
import { sizeOf } from '../../tensor/dtype.js';
import type { Payload, Tensor } from '../../tensor/tensor.js';

export type HalfType = 'float16' | 'bfloat16';

/** The largest finite value, and the smallest with all its digits. */
const limits = {
  float16: { largest: 65504, normal: 2 ** -14 },
  bfloat16: { largest: 255 * 2 ** 120, normal: 2 ** -126 },
} as const satisfies Record<HalfType, unknown>;

const bitsOf = { float16: float16Bits, bfloat16: bfloat16Bits } as const;

/** Elements looked at as one. */
const chunk = 2 ** 20;

export interface HalfCost {
  /** ‖W - Ŵ‖ / ‖W‖ over finite values, and the largest |w - ŵ|. */
  readonly relative: number;
  readonly largest: number;
  /** Finite values beyond the range, which become its end. */
  readonly clamped: number;
  /** Values that become zero. */
  readonly flushed: number;
  /** Values below the smallest with all its digits, which lose some. */
  readonly subnormal: number;
}

/** Rounded to nearest even; finite values beyond the range become its end, infinities and NaN stay. */
export const halved = (t: Tensor, to: HalfType): Tensor => ({
  dtype: to,
  shape: t.shape,
  payload: halfPayload(t, to),
});

function halfPayload({ shape, payload }: Tensor, to: HalfType): Payload {
  const byteLength = sizeOf(shape) * 2;
  return {
    byteLength,
    read(offset = 0, length = byteLength - offset) {
      const first = Math.floor(offset / 2);
      const last = Math.ceil((offset + length) / 2);
      const bits = halfBits(floatsIn(payload, first, last - first), to);
      return new Uint8Array(bits.buffer, offset - first * 2, length);
    },
  };
}

function halfBits(values: Float32Array, to: HalfType): Uint16Array {
  const { largest } = limits[to];
  const toBits = bitsOf[to];
  const bits = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const isBeyond = Math.abs(value) > largest && Number.isFinite(value);
    bits[i] = toBits(isBeyond ? Math.sign(value) * largest : value);
  }
  return bits;
}

function floatsIn(payload: Payload, first: number, count: number): Float32Array {
  const bytes = payload.read(first * 4, count * 4);
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  return new Float32Array(aligned.buffer, aligned.byteOffset, count);
}

export async function costOf({ shape, payload }: Tensor, to: HalfType, signal: AbortSignal): Promise<HalfCost> {
  const { largest: end, normal } = limits[to];
  const cost = { largest: 0, clamped: 0, flushed: 0, subnormal: 0 };
  let [squares, lost] = [0, 0];
  const size = sizeOf(shape);
  for (let at = 0; at < size; at += chunk) {
    await heed(signal);
    const values = floatsIn(payload, at, Math.min(chunk, size - at));
    const after = decode(to, halfBits(values, to), values.length);
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (!Number.isFinite(value) || value === 0) continue;
      const apart = value - after[i]!;
      const length = Math.abs(value);
      squares += value * value;
      lost += apart * apart;
      cost.largest = Math.max(cost.largest, Math.abs(apart));
      if (length > end) cost.clamped++;
      else if (after[i] === 0) cost.flushed++;
      else if (length < normal) cost.subnormal++;
    }
  }
  return { ...cost, relative: squares === 0 ? 0 : Math.sqrt(lost / squares) };
}
