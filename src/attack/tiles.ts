/** Tiles: groups of positions that look at no example: squares of an image, segments of series, runs of features. */
import type { Labels } from '../optim/penalties/index.js';
import type { Space } from '../oracle/space.js';
import type { Window } from './windows.js';

/** Row by row. Those at the right and the bottom are smaller where `side` does not divide the space. */
export function tilesOf({ height, width }: Space, side: number): Window[] {
  const tiles: Window[] = [];
  for (let top = 0; top < height; top += side)
    for (let left = 0; left < width; left += side)
      tiles.push({ top, left, height: Math.min(side, height - top), width: Math.min(side, width - left) });
  return tiles;
}

/** The number of the tile of each position. */
export function tileLabels({ height, width }: Space, side: number): Labels {
  const across = Math.ceil(width / side);
  const labels = new Int32Array(height * width);
  for (let p = 0; p < labels.length; p++)
    labels[p] = Math.floor(Math.floor(p / width) / side) * across + Math.floor((p % width) / side);
  return labels;
}
