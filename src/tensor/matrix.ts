/** Row-major float32 matrices, alone or stacked: rows are outputs, columns are inputs. */

export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** [rows, columns] */
  readonly data: Float32Array;
}

export interface StackShape {
  readonly stacks: number;
  readonly rows: number;
  readonly columns: number;
}

/** Equal matrices side by side: the groups of a convolution, the directions of an LSTM; mostly one. */
export interface MatrixStack extends StackShape {
  /** [stacks, rows, columns] */
  readonly data: Float32Array;
}

export const stackOf = ({ rows, columns, data }: Matrix): MatrixStack => ({ stacks: 1, rows, columns, data });

export const elementsOf = ({ stacks, rows, columns }: StackShape): number => stacks * rows * columns;

/** `2 x [64, 9]`, or `[64, 9]` for one matrix: how messages write a stack's shape. */
export const printShape = ({ stacks, rows, columns }: StackShape): string =>
  `${stacks === 1 ? '' : `${stacks} x `}[${rows}, ${columns}]`;
