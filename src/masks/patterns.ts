/** Sparsity patterns: what can be removed as one unit, which units compete, and how many of them go. */
import { elementsOf, type MatrixStack, printShape, type StackShape } from '../tensor/matrix.js';

/** A pattern as plain data: it crosses to the job process and stands in manifests. */
export type PatternSpec =
  | { readonly kind: 'unstructured'; readonly sparsity: number }
  /** Keeps n of every m consecutive inputs. */
  | { readonly kind: 'n:m'; readonly n: number; readonly m: number }
  /** Removes whole tiles of `rows` outputs times `columns` inputs. */
  | { readonly kind: 'blocks'; readonly rows: number; readonly columns: number; readonly sparsity: number };

/**
 * Weights that compete: those of one output, of the whole tensor (all stacks), of all layers, or of a run of input columns
 * (SparseGPT's own). n:m has groups of its own.
 */
export type Group = 'row' | 'matrix' | 'global' | 'column-block';

/** `exact` removes exactly as many as asked for; `reference` as many as published code does. */
export type SelectionRule = 'exact' | 'reference';

/** The scores of a pattern's units, groups one after the other. */
export interface UnitView {
  readonly scores: Float32Array;
  /** Units in a group. */
  readonly group: number;
  /** From units kept (1) or removed (0) to weights, [stacks * rows * columns]. */
  spread(kept: Uint8Array): Uint8Array;
}

export interface Removal {
  readonly count: number;
  /** Also removes whatever equals the next smallest score: the `<=` threshold of published code. */
  readonly through?: boolean;
}

export interface Pattern {
  /** As on the command line: `0.5`, `2:4`, `16x4:0.5`. */
  readonly text: string;
  /** Null, or the reason why no unit fits into such a matrix. */
  fits(shape: StackShape, segment?: number): string | null;
  /** Null, or which weights stay dense because they fill no unit. */
  leftover(shape: StackShape, segment?: number): string | null;
  /** @param segment consecutive columns that belong together; n:m never crosses them. */
  units(scores: MatrixStack, group: Group, segment?: number): UnitView;
  /** How many of the `size` units of a group go. */
  removal(group: Group, size: number, rule: SelectionRule): Removal;
  /** Whether the matrix can be cut before that column without dividing a unit. */
  cuts(column: number, columns: number, segment?: number): boolean;
}

export function patternOf(spec: PatternSpec): Pattern {
  if (spec.kind === 'unstructured') return unstructured(spec.sparsity);
  if (spec.kind === 'n:m') return nOfM(spec.n, spec.m);
  return blocks(spec.rows, spec.columns, spec.sparsity);
}

/** `fraction * size`, not one too few because of rounding: 0.29 * 100 is 28.999999999999996. */
export const countOf = (sparsity: number, size: number): number => Math.floor(sparsity * size + 1e-9);

/** Each weight alone. */
export const unstructured = (sparsity: number): Pattern => ({
  text: String(sparsity),
  fits: () => null,
  leftover: () => null,
  units: (scores, group) => ({
    scores: scores.data,
    group: group === 'row' ? scores.columns : scores.data.length,
    spread: (kept) => kept,
  }),
  removal(group, size, rule) {
    // published code removes nothing at 0, cuts rows at the sorted index and whole matrices by threshold
    if (rule === 'exact' || sparsity === 0) return { count: countOf(sparsity, size) };
    return { count: Math.trunc(size * sparsity), through: group !== 'row' };
  },
  cuts: () => true,
});

/** The n largest of every m consecutive inputs stay; columns after the last whole m stay dense. */
export function nOfM(n: number, m: number): Pattern {
  /** Columns of a segment that belong to a group. */
  const used = (segment: number) => segment - (segment % m);
  return {
    text: `${n}:${m}`,
    fits: ({ columns }, segment = columns) =>
      segment >= m ? null : `${n}:${m} needs ${m} consecutive inputs, the layer has ${segment}`,
    leftover({ columns }, segment = columns) {
      const left = (segment % m) * (columns / segment);
      return left === 0 ? null : `${left} of ${columns} input columns stay dense: ${segment} is no multiple of ${m}`;
    },
    units({ data, columns }, _group, segment = columns) {
      if (segment % m === 0) return { scores: data, group: m, spread: (kept) => kept };
      const width = used(segment);
      const scores = new Float32Array((data.length / segment) * width);
      for (let from = 0, to = 0; from < data.length; from += segment, to += width) {
        scores.set(data.subarray(from, from + width), to);
      }
      const spread = (kept: Uint8Array) => {
        const mask = new Uint8Array(data.length).fill(1);
        for (let from = 0, to = 0; from < kept.length; from += width, to += segment) {
          mask.set(kept.subarray(from, from + width), to);
        }
        return mask;
      };
      return { scores, group: m, spread };
    },
    // published code removes the n smallest of m: the same for 2:4 and 4:8, not for 1:4
    removal: (_group, _size, rule) => ({ count: rule === 'exact' ? m - n : n }),
    cuts: (column, columns, segment = columns) => (column % segment) % m === 0 || column % segment >= used(segment),
  };
}

/**
 * Whole tiles. A tile's score is the sum of its weights' scores: criteria estimate the loss of removing one weight, and
 * such losses add up when no cross terms are counted. Rows and columns that fill no tile stay dense.
 * The group `row` is a row of tiles.
 */
export const blocks = (rows: number, columns: number, sparsity: number): Pattern => ({
  text: `${rows}x${columns}:${sparsity}`,
  fits: (shape) =>
    shape.rows >= rows && shape.columns >= columns
      ? null
      : `tiles of ${rows}x${columns} need at least as large a matrix, the layer has ${printShape(shape)}`,
  leftover(shape) {
    const left = [
      ...(shape.rows % rows ? [`${shape.rows % rows} of ${shape.rows} rows`] : []),
      ...(shape.columns % columns ? [`${shape.columns % columns} of ${shape.columns} columns`] : []),
    ];
    return left.length === 0 ? null : `${left.join(' and ')} stay dense: they fill no ${rows}x${columns} tile`;
  },
  units(scores, group) {
    const down = Math.floor(scores.rows / rows);
    const across = Math.floor(scores.columns / columns);
    const sums = new Float64Array(scores.stacks * down * across);
    eachTileRow(scores, rows, columns, (at, tile) => {
      let sum = 0;
      for (let i = at; i < at + columns; i++) sum += scores.data[i];
      sums[tile] += sum;
    });
    const spread = (kept: Uint8Array) => {
      const mask = new Uint8Array(elementsOf(scores)).fill(1);
      eachTileRow(scores, rows, columns, (at, tile) => mask.fill(kept[tile], at, at + columns));
      return mask;
    };
    return { scores: Float32Array.from(sums), group: group === 'row' ? across : sums.length, spread };
  },
  // no published code to reproduce
  removal: (_group, size) => ({ count: countOf(sparsity, size) }),
  cuts: (column, width) => column % columns === 0 || column >= width - (width % columns),
});

/** Calls `visit` with the place of each run of `columns` weights and the tile it belongs to. */
function eachTileRow(
  shape: StackShape,
  rows: number,
  columns: number,
  visit: (at: number, tile: number) => void,
): void {
  const down = Math.floor(shape.rows / rows);
  const across = Math.floor(shape.columns / columns);
  for (let stack = 0; stack < shape.stacks; stack++) {
    for (let row = 0; row < down * rows; row++) {
      const start = (stack * shape.rows + row) * shape.columns;
      const tile = (stack * down + Math.floor(row / rows)) * across;
      for (let t = 0; t < across; t++) visit(start + t * columns, tile + t);
    }
  }
}
