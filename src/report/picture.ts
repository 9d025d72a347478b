/** Pictures: examples as PNG files of eight bits. */
import { encode } from 'fast-png';
import type { Bounds } from '../oracle/bounds.js';
import type { Space } from '../oracle/space.js';

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 red, green and blue; channels side by side. */
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
}

export const pngOf = ({ width, height, channels, data }: Pixels): Uint8Array =>
  encode({ width, height, channels, depth: 8, data });

export const dataUri = (pixels: Pixels): string =>
  `data:image/png;base64,${Buffer.from(pngOf(pixels)).toString('base64')}`;

/** An example as a picture: bounds become 0 and 255. Channels other than three are shown as their mean in grey. @param values [channels, positions], in the input's units. */
export function pixelsOf(
  values: Float32Array,
  space: Space,
  { lower, upper }: Bounds,
  order: 'rgb' | 'bgr' = 'rgb',
): Pixels {
  const shares = values.map((value, i) => {
    const room = upper[i]! - lower[i]!;
    return room > 0 ? (value - lower[i]!) / room : 0;
  });
  return pixelsFrom(shares, space, order);
}

/** @param shares [channels, positions]; 0 is black, 1 full. */
export function pixelsFrom(
  shares: Float32Array,
  { channels, positions, width, height }: Space,
  order: 'rgb' | 'bgr' = 'rgb',
): Pixels {
  if (channels !== 3) {
    const grey = Uint8Array.from({ length: positions }, (_, p) => {
      let sum = 0;
      for (let c = 0; c < channels; c++) sum += shares[c * positions + p]!;
      return byte(sum / channels);
    });
    return { width, height, channels: 1, data: grey };
  }
  const data = new Uint8Array(3 * positions);
  for (let c = 0; c < 3; c++) {
    const from = order === 'rgb' ? c : 2 - c;
    for (let p = 0; p < positions; p++) data[3 * p + c] = byte(shares[from * positions + p]!);
  }
  return { width, height, channels: 3, data };
}

/** Out of [0, 1] is cut. */
export const byte = (share: number): number => Math.round(255 * Math.min(1, Math.max(0, share)));
