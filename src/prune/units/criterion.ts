/** What a criterion for whole units is, and what it is shown: matrices that make units and that read them. */
import type { Holdings } from '../../groups/holdings.js';
import type { Layer } from '../../ops/layers.js';

/** Sums over calibration samples, by column of all stacks. */
export interface ColumnStatistics {
  readonly samples: number;
  /** Σ x². */
  readonly columnNorm?: Float64Array;
  /** Σ x. */
  readonly columnSum?: Float64Array;
}

export type UnitStatistic = 'columnNorm' | 'columnSum' | 'slopes';

/** Units and where they lie; never written to. */
export interface UnitInput {
  readonly name: string;
  readonly count: number;
  readonly holdings: Holdings;
  /** Weights of a layer, [stacks * rows * columns]. */
  matricesOf(layer: Layer): Float32Array;
  /** What a layer multiplies. */
  statisticsOf(layer: Layer): ColumnStatistics;
  /** By column of a layer that reads units: dL/dg² of a gate g before it, summed over batches. */
  slopesOf(layer: Layer): SlopeSums;
  /** Elements of another weight by its holding, as stored. */
  valuesOf(other: Holdings['others'][number]): Float32Array;
  /** Scales of BatchNormalization, among the others. */
  readonly scales: readonly Holdings['others'][number][];
  readonly seed: number;
}

/** Batch by batch, the slope of the loss by a gate before each column. */
export type SlopeSums = readonly Float64Array[];

export interface UnitCriterion {
  readonly name: string;
  /** One line for the table of criteria and `--help`. */
  readonly description: string;
  /** Authors, title, arXiv id; empty where there is no one source. */
  readonly paper: string;
  readonly needs: readonly UnitStatistic[];
  /** How scores of different groups are made comparable where they compete. */
  readonly across: 'standardised' | 'over the mean' | 'as they are';
  /** Whether units compete over all groups unless the user says otherwise. */
  readonly isGlobal: boolean;
  /** Whether what units gave on average is added to biases unless the user says otherwise. */
  readonly compensates: boolean;
  /** Why it has nothing to say of such units. */
  refuses?(input: Pick<UnitInput, 'holdings' | 'scales'>): string | undefined;
  /** How much each unit matters: the smallest go first. */
  score(input: UnitInput): Float64Array;
}

/** Adds numbers of columns or rows to those of their units. */
export function addByUnit(sums: Float64Array, unitOf: Int32Array, numberOf: (line: number) => number): Float64Array {
  for (const [line, unit] of unitOf.entries()) if (unit >= 0) sums[unit]! += numberOf(line);
  return sums;
}

/** By column of all stacks, a sum over rows. */
export function overRows(
  { layout: { rows, columns, stacks } }: Layer,
  matrices: Float32Array,
  term: (weight: number) => number,
): Float64Array {
  const sums = new Float64Array(stacks * columns);
  for (let stack = 0; stack < stacks; stack++) {
    for (let row = 0; row < rows; row++) {
      const start = (stack * rows + row) * columns;
      for (let column = 0; column < columns; column++)
        sums[stack * columns + column]! += term(matrices[start + column]!);
    }
  }
  return sums;
}

/** By row of all stacks, a sum over columns. */
export function overColumns(
  { layout: { columns } }: Layer,
  matrices: Float32Array,
  term: (weight: number) => number,
): Float64Array {
  const sums = new Float64Array(matrices.length / columns);
  for (let at = 0; at < matrices.length; at++) sums[Math.floor(at / columns)]! += term(matrices[at]!);
  return sums;
}

export const readsNothing = ({ holdings }: Pick<UnitInput, 'holdings'>): string | undefined =>
  holdings.reads.length === 0 ? 'no stored matrix multiplies them' : undefined;

/** A metric of columns as means over the columns of a unit and sums over the layers that read it. */
export function meansOverReads(
  { count, holdings }: UnitInput,
  metricOf: (layer: Layer) => (column: number) => number,
): Float64Array {
  const sums = new Float64Array(count);
  for (const { layer, unitOf } of holdings.reads) {
    const lines = addByUnit(new Float64Array(count), unitOf, () => 1);
    const own = addByUnit(new Float64Array(count), unitOf, metricOf(layer));
    for (let unit = 0; unit < count; unit++) sums[unit]! += lines[unit] ? own[unit]! / lines[unit]! : 0;
  }
  return sums;
}
