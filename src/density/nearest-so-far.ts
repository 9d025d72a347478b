/** The k nearest of the points offered so far, in order: by distance, of equals the lower index. */

export interface NearestSoFar {
  readonly keys: Float64Array;
  readonly indices: Int32Array;
  /** No point with a larger key is among them; infinite while there are fewer than k. */
  limit(): number;
  offer(key: number, index: number): void;
}

export function nearestSoFar(k: number): NearestSoFar {
  const keys = new Float64Array(k).fill(Number.POSITIVE_INFINITY);
  const indices = new Int32Array(k).fill(-1);
  return {
    keys,
    indices,
    limit: () => keys[k - 1] as number,
    offer(key, index) {
      let at = k;
      while (at > 0 && isBefore(key, index, keys[at - 1] as number, indices[at - 1] as number)) at--;
      if (at === k) return;
      keys.copyWithin(at + 1, at, k - 1);
      indices.copyWithin(at + 1, at, k - 1);
      keys[at] = key;
      indices[at] = index;
    },
  };
}

const isBefore = (key: number, index: number, otherKey: number, otherIndex: number): boolean =>
  key < otherKey || (key === otherKey && (otherIndex < 0 || index < otherIndex));
