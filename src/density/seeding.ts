/** Centres from which a mixture starts: k-means, started by k-means++. */
import type { Random } from '../tensor/random.js';
import { rowsAt, squaredDistance } from './points.js';

export interface Clusters {
  /** [k, dimensions] */
  readonly centres: Float64Array;
  /** The cluster of each point. */
  readonly members: Int32Array;
}

const rounds = 20;

/**
 * Arthur and Vassilvitskii, k-means++: the advantages of careful seeding (2007), then Lloyd's steps until no point moves, 20 at most.
 * With fewer different points than clusters, some have no members.
 */
export function cluster(points: Float64Array, dimensions: number, k: number, draws: Random): Clusters {
  const centres = seeds(points, dimensions, k, draws);
  const members = new Int32Array(points.length / dimensions).fill(-1);
  for (let round = 0; round < rounds && assign(points, dimensions, centres, members); round++) {
    recentre(points, dimensions, centres, members);
  }
  return { centres, members };
}

/** Each next one is a point, drawn with odds of its squared distance to the nearest so far. */
function seeds(points: Float64Array, dimensions: number, k: number, draws: Random): Float64Array {
  const rows = points.length / dimensions;
  const chosen = [draws.integer(0, rows)];
  const nearest = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
  while (chosen.length < k) {
    const last = chosen.at(-1) as number;
    let total = 0;
    for (let i = 0; i < rows; i++) {
      nearest[i] = Math.min(nearest[i] as number, squaredDistance(points, i, points, last, dimensions));
      total += nearest[i] as number;
    }
    let left = draws.uniform(chosen.length) * total;
    const next = nearest.findIndex((distance) => (left -= distance) < 0);
    chosen.push(Math.max(next, 0));
  }
  return rowsAt(points, dimensions, chosen);
}

/** Gives each point to its nearest centre, of equals the first; whether any has moved. */
function assign(points: Float64Array, dimensions: number, centres: Float64Array, members: Int32Array): boolean {
  let moved = false;
  for (let i = 0; i < members.length; i++) {
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let c = 0; c < centres.length / dimensions; c++) {
      const distance = squaredDistance(points, i, centres, c, dimensions);
      if (distance < least) [best, least] = [c, distance];
    }
    if (members[i] !== best) moved = true;
    members[i] = best;
  }
  return moved;
}

/** Moves each centre to the mean of its members; one without any stays. */
function recentre(points: Float64Array, dimensions: number, centres: Float64Array, members: Int32Array): void {
  const counts = new Int32Array(centres.length / dimensions);
  for (const c of members) counts[c]!++;
  for (let i = 0; i < centres.length; i++) if (counts[Math.floor(i / dimensions)]! > 0) centres[i] = 0;
  for (let i = 0; i < points.length; i++) {
    const c = members[Math.floor(i / dimensions)] as number;
    centres[c * dimensions + (i % dimensions)]! += (points[i] as number) / (counts[c] as number);
  }
}
