/** How pictures come to the size that a model takes. */
import { UserError } from '../../errors.js';
import { roundHalfEven } from '../../tensor/convert.js';
import type { Picture } from '../reader.js';
import { type Interpolation, resample } from './resample.js';
import type { Steps } from './steps.js';

export type Size = readonly [height: number, width: number];

/** Resize first, then the middle. */
export interface SizePlan {
  /** The length of the shorter side, a size, or the least that covers the crop. */
  readonly resize?: number | Size | 'cover';
  readonly crop?: Size;
}

/**
 * The sizes that the steps say; where they say none, pictures of another size than the model's are resized until they cover it, and
 * cropped.
 * @param target what the model's input fixes. @param given the size of all pictures, where they have one.
 * @param isPreset whether the sizes are a preset's, which are adapted to the target.
 * @throws UserError when the steps lead to another size than the target.
 */
export function planSizes(
  { resize: resizeGiven, crop: cropGiven }: Steps,
  target: Size | undefined,
  given: Size | undefined,
  isPreset: boolean,
  where: string,
): SizePlan {
  const resize = resizeGiven === 'none' ? undefined : resizeGiven;
  const crop = cropGiven === undefined || cropGiven === 'none' ? undefined : sizeOf(cropGiven);
  if (target && isPreset && crop && !isSame(crop, target)) return { ...adapted(resize, crop, target), crop: target };
  const saysNone = resizeGiven === undefined && cropGiven === undefined;
  if (target && saysNone && !(given && isSame(given, target))) return { resize: 'cover', crop: target };
  const last = crop ?? (Array.isArray(resize) ? sizeOf(resize) : undefined);
  if (target && last && !isSame(last, target)) {
    const step = crop ? '--crop' : '--resize';
    throw new UserError(
      where,
      `expected pictures of ${print(target)}, which the model fixes, got ${print(last)} by ${step}; leave it out or say ${target.join('x')}`,
    );
  }
  const middle = crop ?? (target && cropGiven === undefined && typeof resize === 'number' ? target : undefined);
  return { ...(resize !== undefined && { resize }), ...(middle && { crop: middle }) };
}

export const isSame = (a: Size, b: Size): boolean => a[0] === b[0] && a[1] === b[1];
export const print = ([height, width]: Size): string => `${height} x ${width}`;

const sizeOf = (size: number | readonly number[]): Size =>
  typeof size === 'number' ? [size, size] : [size[0]!, size[1]!];

/** A shorter side keeps its proportion to the crop; a size stays where the target fits into it. */
function adapted(resize: number | Size | undefined, crop: Size, target: Size): Pick<SizePlan, 'resize'> {
  if (resize === undefined) return {};
  if (typeof resize === 'number') return { resize: Math.round((resize * Math.max(...target)) / Math.max(...crop)) };
  const fits = target[0] <= resize[0] && target[1] <= resize[1];
  return { resize: fits ? resize : target };
}

/** Each step in words. */
export function describeSizes({ resize, crop }: SizePlan, interpolation: Interpolation): string[] {
  const resized =
    resize === 'cover'
      ? 'resized to cover the middle where they differ'
      : typeof resize === 'number'
        ? `shorter side resized to ${resize}`
        : resize && `resized to ${print(resize)}`;
  return [...(resized ? [`${resized}, ${interpolation}`] : []), ...(crop ? [`middle ${print(crop)}`] : [])];
}

/** @throws UserError when less is left than the crop takes. */
export function fitPicture(
  picture: Picture,
  { resize, crop }: SizePlan,
  interpolation: Interpolation,
  where: string,
): Picture {
  const [height, width] = resizedTo(picture, resize, crop);
  if (crop && (crop[0] > height || crop[1] > width)) {
    throw new UserError(
      where,
      `expected at least ${print(crop)} pixels to crop, got ${print([height, width])}; resize first (--resize)`,
    );
  }
  const resized = resample(picture, height, width, interpolation);
  return crop ? middleOf(resized, crop) : resized;
}

function resizedTo({ height, width }: Picture, resize: SizePlan['resize'], crop: Size = [height, width]): Size {
  if (resize === undefined) return [height, width];
  if (typeof resize === 'object') return resize;
  const byHeight = resize === 'cover' ? crop[0] * width >= crop[1] * height : height <= width;
  // the other side is rounded down, as torchvision does
  const side = resize === 'cover' ? crop[byHeight ? 0 : 1] : resize;
  return byHeight ? [side, Math.trunc((side * width) / height)] : [Math.trunc((side * height) / width), side];
}

/** Halves of the margin round to even, as torchvision does. */
function middleOf(picture: Picture, [height, width]: Size): Picture {
  if (isSame([picture.height, picture.width], [height, width])) return picture;
  const { channels } = picture;
  const top = roundHalfEven((picture.height - height) / 2);
  const left = roundHalfEven((picture.width - width) / 2);
  const pixels = new Uint8Array(height * width * channels);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * picture.width + left) * channels;
    pixels.set(picture.pixels.subarray(from, from + width * channels), y * width * channels);
  }
  return { height, width, channels, pixels };
}
