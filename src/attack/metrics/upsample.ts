/** upsample: a small map made as large as the picture it belongs to. */

export interface Grid {
  readonly height: number;
  readonly width: number;
}

/** Bilinear, with the corners of both grids in the same place; beyond the outermost centres values stay as they are. */
export function upsample(map: Float32Array, from: Grid, to: Grid): Float32Array {
  const [rows, columns] = [placesOf(from.height, to.height), placesOf(from.width, to.width)];
  const made = new Float32Array(to.height * to.width);
  rows.forEach((row, y) => {
    columns.forEach((column, x) => {
      const along = (line: number): number => {
        const [a, b] = [map[line * from.width + column.below]!, map[line * from.width + column.above]!];
        return a + (b - a) * column.share;
      };
      const [a, b] = [along(row.below), along(row.above)];
      made[y * to.width + x] = a + (b - a) * row.share;
    });
  });
  return made;
}

function placesOf(from: number, to: number) {
  return Array.from({ length: to }, (_, i) => {
    const centre = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
    const below = Math.floor(centre);
    return { below, above: Math.min(from - 1, below + 1), share: centre - below };
  });
}
