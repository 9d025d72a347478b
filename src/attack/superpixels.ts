/** Superpixels: groups of positions that follow an example: regions of like colour, stretches of like values, runs of features. */
import type { Labels } from '../optim/penalties/index.js';
import { slic } from './slic.js';
import { tileLabels } from './tiles.js';
import type { Victim } from './victim.js';

/** About `segments` groups of an example's positions. SLIC takes values in [0, 1], whatever the attack's range is. */
export function superpixels(
  { space, x, size }: Victim,
  row: number,
  segments: number,
  [low, high]: readonly [number, number],
): Labels {
  // the order of features says nothing
  if (space.kind === 'features') return tileLabels(space, Math.ceil(space.positions / segments));
  const image = x.slice(row * size, (row + 1) * size).map((value) => (value - low) / (high - low));
  return slic(image, space, { segments });
}
