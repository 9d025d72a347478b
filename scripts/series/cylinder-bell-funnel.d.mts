/** Steps of a series. */
export const length: number;

/** Of the classes, in their order. */
export const names: readonly ['cylinder', 'bell', 'funnel'];

export interface LabelledRows {
  /** [count, 128]. */
  readonly values: Float32Array;
  /** [count], from 0 on. */
  readonly labels: Int32Array;
}

export function cylinderBellFunnel(count: number, seed: number, stream: string): LabelledRows;

export function tsvOf(rows: LabelledRows): string;
