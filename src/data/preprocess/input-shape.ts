/** What an input takes of a picture: where its channels are, how many, and the size it fixes. */
import { UserError } from '../../errors.js';
import type { Dimension, Value } from '../../ir/types.js';
import { typeOf } from '../fit.js';
import type { Steps } from './steps.js';

/** `nhw` is grey without an axis of channels, `flat` one row of all pixels, channel after channel. */
export type Layout = NonNullable<Steps['layout']> | 'nhw' | 'flat';

export interface PictureInput {
  readonly layout: Layout;
  readonly channels?: number;
  readonly size?: readonly [height: number, width: number];
  /** Pixels times channels, of a `flat` input. */
  readonly features?: number;
}

/** @param layout as the user says. @throws UserError when the input has no shape of pictures. */
export function pictureInput(input: Value, layout: Steps['layout'], where: string): PictureInput {
  const { shape } = typeOf(input);
  if (!shape) return { layout: layout ?? 'nchw' };
  const [, ...sizes] = shape;
  if (sizes.length === 3) {
    const found = layout ?? layoutOf(sizes);
    if (found === undefined) throw refusal(input, shape, where);
    const [channels, height, width] = found === 'nchw' ? sizes : [sizes[2], sizes[0], sizes[1]];
    return { layout: found, ...(typeof channels === 'number' && { channels }), ...sizeOf(height, width) };
  }
  if (sizes.length === 2) return { layout: 'nhw', channels: 1, ...sizeOf(...sizes) };
  if (sizes.length === 1) return { layout: 'flat', ...(typeof sizes[0] === 'number' && { features: sizes[0] }) };
  throw refusal(input, shape, where);
}

const isChannels = (size: Dimension | undefined): boolean => size === 1 || size === 3;

/** Channels come first unless only the last axis can hold them. */
function layoutOf([first, , last]: readonly Dimension[]): Steps['layout'] {
  if (isChannels(first)) return 'nchw';
  if (isChannels(last)) return 'nhwc';
  return typeof first === 'number' ? undefined : 'nchw';
}

const sizeOf = (height?: Dimension, width?: Dimension): Pick<PictureInput, 'size'> =>
  typeof height === 'number' && typeof width === 'number' ? { size: [height, width] } : {};

const refusal = (input: Value, shape: readonly Dimension[], where: string): UserError =>
  new UserError(
    where,
    `expected an input of pictures with 1 or 3 channels, got '${input.name}' of shape [${shape.map((size) => (typeof size === 'number' ? size : '?')).join(', ')}]; feed it an array (--map)`,
  );
