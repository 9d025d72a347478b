/** Pictures as an input's numbers: colour, size, arithmetic and layout, one batch at a time. */
import { UserError } from '../../errors.js';
import type { Value } from '../../ir/types.js';
import { tensorOf } from '../../tensor/convert.js';
import { isFloat } from '../../tensor/dtype.js';
import { typeOf } from '../fit.js';
import type { Picture, Pictures } from '../reader.js';
import { type Arithmetic, arithmeticOf, describeArithmetic, tablesOf } from './arithmetic.js';
import type { Feed } from './feeds.js';
import { type Layout, type PictureInput, pictureInput } from './input-shape.js';
import { presets } from './presets.js';
import type { Interpolation } from './resample.js';
import { describeSizes, fitPicture, isSame, planSizes, print, type Size, type SizePlan } from './sizes.js';
import { type Preprocess, type Steps, saysNumbers, stepsOf } from './steps.js';

type Channels = NonNullable<Steps['channels']>;

/** @throws UserError when the steps do not lead to what the input takes, or do not say how pixels become floats. */
export function pictureFeed(input: Value, pictures: Pictures, preprocess: Preprocess, where: string): Feed {
  const steps = stepsOf(preprocess);
  const { dtype } = typeOf(input);
  if (isFloat(dtype) && !saysNumbers(steps)) {
    throw new UserError(
      where,
      `expected how pixels become numbers for '${input.name}', got nothing; add --preset ${Object.keys(presets).join(', ')}, or --scale 1 for 0 to 255`,
    );
  }
  const taken = pictureInput(input, steps.layout, where);
  const channels = channelsOf(steps, taken, pictures, where);
  const isPreset = preprocess.preset !== undefined && (preprocess.resize ?? preprocess.crop) === undefined;
  const given = pictures.size && ([pictures.size[0], pictures.size[1]] as const);
  const sizes = planSizes(steps, taken.size, given, isPreset, where);
  const { interpolation = 'bilinear' } = steps;
  const arithmetic = arithmeticOf(steps, channels === 'gray' ? 1 : 3, where);
  const tables = tablesOf(arithmetic);
  const prepare = (row: number): Picture =>
    fitPicture(inChannels(pictures.picture(row), channels), sizes, interpolation, `${where}: sample ${row}`);
  return {
    description: describe(input, channels, sizes, interpolation, arithmetic, taken.layout),
    pictures: {
      channels,
      range: tables.map((table) => [Math.min(table[0]!, table[255]!), Math.max(table[0]!, table[255]!)]),
    },
    read: (rows) => {
      const prepared = Array.from(rows, prepare);
      const size = commonSize(prepared, rows, taken, where);
      const values = valuesOf(prepared, tables, taken.layout, channels);
      return tensorOf(dtype, shapeOf(taken.layout, rows.length, size, channels), values);
    },
  };
}

/** What the model's input has, red first, unless the user says otherwise. */
function channelsOf({ channels }: Steps, taken: PictureInput, { size }: Pictures, where: string): Channels {
  const count = taken.channels ?? (taken.features && size ? taken.features / (size[0] * size[1]) : undefined);
  const found = channels ?? ((count ?? size?.[2]) === 1 ? 'gray' : 'rgb');
  const made = found === 'gray' ? 1 : 3;
  if (taken.channels === undefined || taken.channels === made) return found;
  throw new UserError(
    where,
    `expected ${taken.channels} channels, which the model fixes, got ${made} (${found}); name others with --channels, or the axis they are on with --layout`,
  );
}

/** Grey is Rec. 601 luma in Pillow's integers. */
function inChannels(picture: Picture, channels: Channels): Picture {
  const wanted = channels === 'gray' ? 1 : 3;
  const { height, width, pixels } = picture;
  if (picture.channels === wanted) return picture;
  const made = new Uint8Array(height * width * wanted);
  for (let i = 0; i < height * width; i++) {
    if (wanted === 3) made.fill(pixels[i]!, 3 * i, 3 * i + 3);
    else made[i] = (19595 * pixels[3 * i]! + 38470 * pixels[3 * i + 1]! + 7471 * pixels[3 * i + 2]! + 2 ** 15) >> 16;
  }
  return { height, width, channels: wanted, pixels: made };
}

function commonSize(prepared: readonly Picture[], rows: Uint32Array, taken: PictureInput, where: string): Size {
  const { height, width } = prepared[0]!;
  const wanted: Size = taken.size ?? [height, width];
  const other = prepared.findIndex((picture) => !isSame([picture.height, picture.width], wanted));
  if (other >= 0) {
    const got = prepared[other]!;
    throw new UserError(
      where,
      `expected pictures of ${print(wanted)}${taken.size ? ', which the model fixes' : ''}, got ${print([got.height, got.width])} for sample ${rows[other]}; say --resize and --crop`,
    );
  }
  const features = height * width * prepared[0]!.channels;
  if (taken.features !== undefined && taken.features !== features) {
    throw new UserError(
      where,
      `expected ${taken.features} values, which the model fixes, got ${features} of pictures; say --resize and --channels`,
    );
  }
  return wanted;
}

function valuesOf(
  pictures: readonly Picture[],
  tables: readonly Float32Array[],
  layout: Layout,
  order: Channels,
): Float32Array {
  const { height, width, channels } = pictures[0]!;
  const area = height * width;
  const values = new Float32Array(pictures.length * area * channels);
  const [pixelStride, channelStride] = layout === 'nhwc' ? [channels, 1] : [1, area];
  pictures.forEach(({ pixels }, row) => {
    for (let c = 0; c < channels; c++) {
      const source = order === 'bgr' ? channels - 1 - c : c;
      const table = tables[c]!;
      const start = row * area * channels + c * channelStride;
      for (let i = 0; i < area; i++) values[start + i * pixelStride] = table[pixels[i * channels + source]!]!;
    }
  });
  return values;
}

function shapeOf(layout: Layout, rows: number, [height, width]: Size, order: Channels): number[] {
  const channels = order === 'gray' ? 1 : 3;
  if (layout === 'flat') return [rows, channels * height * width];
  if (layout === 'nhw') return [rows, height, width];
  return layout === 'nchw' ? [rows, channels, height, width] : [rows, height, width, channels];
}

const describe = (
  { name }: Value,
  channels: Channels,
  sizes: SizePlan,
  interpolation: Interpolation,
  arithmetic: Arithmetic,
  layout: Layout,
): string =>
  [
    `'${name}' from pictures as ${channels}`,
    ...describeSizes(sizes, interpolation),
    describeArithmetic(arithmetic),
    layout,
  ].join(', ');
