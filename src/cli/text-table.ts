/** Lays out rows of cells as aligned columns. */

export type Alignment = 'left' | 'right';

/** Columns separated by two spaces; `alignments` beyond its length are right. Trailing blanks are cut. */
export function textTable(rows: readonly (readonly string[])[], alignments: readonly Alignment[] = ['left']): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, j) => Math.max(...rows.map((row) => row[j]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, j) => (alignments[j] === 'left' ? cell.padEnd(widths[j]!) : cell.padStart(widths[j]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `1,234,567`. */
export const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

/** `50.0 %`. */
export const percent = (fraction: number): string => `${(100 * fraction).toFixed(1)} %`;

/** `812 B`, `3.4 kB`, `12.0 MB`, `2.1 GB`, in powers of 1000. */
export function fileSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  return `${power === 0 ? bytes : (bytes / 1000 ** power).toFixed(1)} ${units[power]}`;
}
