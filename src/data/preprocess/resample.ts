/** Resizing of pictures, to the bit as Pillow does it: bytes in, bytes out, first along rows and then along columns. */
import type { Picture } from '../reader.js';
import type { Steps } from './steps.js';

export type Interpolation = NonNullable<Steps['interpolation']>;

interface Kernel {
  /** Pixels to each side that count, when nothing shrinks. */
  readonly support: number;
  weight(distance: number): number;
}

const kernels: Readonly<Record<Exclude<Interpolation, 'nearest'>, Kernel>> = {
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  /** Keys, Cubic convolution interpolation for digital image processing, 1981, with a = -1/2. */
  bicubic: {
    support: 2,
    weight: (signed) => {
      const x = Math.abs(signed);
      if (x >= 2) return 0;
      return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : ((-0.5 * x + 2.5) * x - 4) * x + 2;
    },
  },
};

export function resample(picture: Picture, height: number, width: number, interpolation: Interpolation): Picture {
  if (picture.height === height && picture.width === width) return picture;
  if (interpolation === 'nearest') return nearest(picture, height, width);
  const kernel = kernels[interpolation];
  const wide = picture.width === width ? picture : alongRows(picture, width, kernel);
  return wide.height === height ? wide : alongColumns(wide, height, kernel);
}

function nearest(picture: Picture, height: number, width: number): Picture {
  const { channels } = picture;
  const pixels = new Uint8Array(height * width * channels);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * picture.height) / height) * picture.width;
    for (let x = 0; x < width; x++) {
      const from = (row + Math.floor(((x + 0.5) * picture.width) / width)) * channels;
      const to = (y * width + x) * channels;
      for (let c = 0; c < channels; c++) pixels[to + c] = picture.pixels[from + c]!;
    }
  }
  return { height, width, channels, pixels };
}

/** The neighbours that make one new pixel. */
interface Mix {
  readonly first: number;
  /** Integers that sum to about 2^22: sums of bytes times these are exact. */
  readonly weights: Float64Array;
}

const precision = 2 ** 22;

/** What shrinks is averaged: the kernel is stretched by the ratio of the sizes. */
function mixes(from: number, to: number, { support, weight }: Kernel): Mix[] {
  const ratio = from / to;
  const stretch = Math.max(ratio, 1);
  const reach = support * stretch;
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * ratio;
    const first = Math.max(0, Math.trunc(centre - reach + 0.5));
    const end = Math.min(from, Math.trunc(centre + reach + 0.5));
    const raw = Float64Array.from({ length: end - first }, (__, k) => weight((first + k - centre + 0.5) / stretch));
    const total = raw.reduce((sum, value) => sum + value, 0);
    return { first, weights: raw.map((value) => roundHalfUp((value / total) * precision)) };
  });
}

/** Halves away from zero. */
const roundHalfUp = (value: number): number => Math.trunc(value + (value < 0 ? -0.5 : 0.5));

const byteOf = (sum: number): number => Math.min(255, Math.max(0, Math.floor((sum + precision / 2) / precision)));

function alongRows({ height, width: before, channels, pixels }: Picture, width: number, kernel: Kernel): Picture {
  const made = new Uint8Array(height * width * channels);
  const columns = mixes(before, width, kernel);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const { first, weights } = columns[x]!;
      const from = (y * before + first) * channels;
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += pixels[from + k * channels + c]! * weights[k]!;
        made[(y * width + x) * channels + c] = byteOf(sum);
      }
    }
  }
  return { height, width, channels, pixels: made };
}

function alongColumns({ height: before, width, channels, pixels }: Picture, height: number, kernel: Kernel): Picture {
  const stride = width * channels;
  const made = new Uint8Array(height * stride);
  mixes(before, height, kernel).forEach(({ first, weights }, y) => {
    for (let x = 0; x < stride; x++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += pixels[(first + k) * stride + x]! * weights[k]!;
      made[y * stride + x] = byteOf(sum);
    }
  });
  return { height, width, channels, pixels: made };
}
