/** Connected components on a grid: how many clusters a changed set of pixels has, and which pixel is in which. */

export interface Grid {
  readonly height: number;
  readonly width: number;
}

/** Neighbours along the axes, or along the diagonals too. */
export type Connectivity = 4 | 8;

export interface Components {
  readonly count: number;
  /** A label a pixel, row by row: 1 to `count` in the order of first pixels, 0 where the value is 0. */
  readonly labels: Int32Array;
}

/** Pixels of one value other than zero that touch; of a mask of 0 and 1, its clusters. A series is a grid of height 1. */
export function components(values: ArrayLike<number>, grid: Grid, connectivity: Connectivity = 4): Components {
  const { height, width } = grid;
  const labels = new Int32Array(height * width);
  const waiting = new Int32Array(height * width);
  let count = 0;
  for (let start = 0; start < labels.length; start++) {
    if (values[start] === 0 || labels[start] !== 0) continue;
    labels[start] = ++count;
    waiting[0] = start;
    // a pixel waits at most once, as it is labelled when it begins to
    for (let left = 1; left > 0; ) {
      const pixel = waiting[--left] as number;
      forNeighbours(pixel, grid, connectivity, (next) => {
        if (labels[next] !== 0 || values[next] !== values[pixel]) return;
        labels[next] = count;
        waiting[left++] = next;
      });
    }
  }
  return { count, labels };
}

/** Visits the pixels that touch one, row by row. */
export function forNeighbours(
  pixel: number,
  { height, width }: Grid,
  connectivity: Connectivity,
  visit: (neighbour: number) => void,
): void {
  const y = Math.floor(pixel / width);
  const x = pixel - y * width;
  for (let dy = y > 0 ? -1 : 0; dy <= 1 && y + dy < height; dy++) {
    for (let dx = x > 0 ? -1 : 0; dx <= 1 && x + dx < width; dx++) {
      const steps = Math.abs(dx) + Math.abs(dy);
      if (steps === 1 || (steps === 2 && connectivity === 8)) visit(pixel + dy * width + dx);
    }
  }
}
