/** Windows: rectangles of positions; squares of an image at random places, segments of what has one row. */

import type { Space } from '../oracle/space.js';
import type { Dice } from './dice.js';

export interface Window {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Its size for a share of all positions: a square, longer where one side meets the border. @param least side. */
export function windowSize({ height, width, positions }: Space, share: number, least = 1) {
  const area = share * positions;
  const side = Math.max(least, Math.round(Math.sqrt(area)));
  if (side <= height && side <= width) return { height: side, width: side };
  const [tall, wide] = height <= width ? [height, area / height] : [area / width, width];
  return {
    height: Math.min(height, Math.max(least, Math.round(tall))),
    width: Math.min(width, Math.max(least, Math.round(wide))),
  };
}

/** One of that size anywhere inside. */
export function drawWindow(space: Space, size: Pick<Window, 'height' | 'width'>, dice: Dice): Window {
  const top = dice.integer(space.height - size.height + 1);
  return { top, left: dice.integer(space.width - size.width + 1), ...size };
}
