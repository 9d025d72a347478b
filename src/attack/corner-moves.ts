/** Moves: the changes of single positions that corner-search tries, by number. */
import { sigmaMap } from './sigma-map.js';
import type { Victim } from './victim.js';

export interface Moves {
  readonly count: number;
  /** Changes one position of a point in place. */
  make(id: number, point: Float32Array): void;
}

interface Wanted {
  readonly values: 'corners' | 'sigma-map';
  readonly corners: number;
  readonly kappa: number;
}

/** All of one example that change it, position by position. */
export function movesOf(victim: Victim, row: number, { values, corners, kappa }: Wanted): Moves {
  const { size, space } = victim;
  const { positions, channels } = space;
  const places = victim.positions(row);
  const from = row * size;
  const [clean, lower, upper] = [victim.x, victim.lower, victim.upper].map((all) => all.subarray(from, from + size));
  const each = values === 'sigma-map' ? 2 : Math.min(corners, 2 ** channels);
  const value = values === 'sigma-map' ? varied() : corner();
  const changes = new Uint32Array(places.length * each);
  let count = 0;
  for (let id = 0; id < changes.length; id++) if (isChange(id)) changes[count++] = id;
  return {
    count,
    make(id, point) {
      const change = changes[id];
      const place = places[Math.floor(change / each)];
      for (let c = 0, i = place; c < channels; c++, i += positions) point[i] = value(change, c, i);
    },
  };

  /** Bit c of the corner's number says where channel c goes; where corners are many, chance does. */
  function corner() {
    const random = 2 ** channels > corners ? victim.random(row, 'corners') : undefined;
    return (id: number, c: number, i: number): number => {
      const isUp = random ? random.uniform(id * channels + c) < 0.5 : ((id % each) >> c) % 2 === 1;
      return isUp ? upper[i] : lower[i];
    };
  }

  /** Darker and brighter, colours as they were; a single channel, which may be 0, is shifted, as in the paper. */
  function varied() {
    const sigma = sigmaMap(clean, space);
    return (id: number, _c: number, i: number): number => {
      const change = (id % 2 === 0 ? -kappa : kappa) * sigma[i] * (channels === 1 ? 1 : clean[i]);
      return Math.min(upper[i], Math.max(lower[i], clean[i] + change));
    };
  }

  /** Whether it leads anywhere, and is no repetition that differs in elements only that cannot move. */
  function isChange(id: number): boolean {
    let isMoved = false;
    for (let c = 0, i = places[Math.floor(id / each)]; c < channels; c++, i += positions) {
      const isStuck = lower[i] === upper[i];
      if (isStuck && values === 'corners' && each === 2 ** channels && ((id % each) >> c) % 2 === 1) return false;
      if (!isStuck && Math.fround(value(id, c, i)) !== clean[i]) isMoved = true;
    }
    return isMoved;
  }
}
