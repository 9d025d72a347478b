/** What a reconstruction did, region by region: a part of the document of a run. */

export interface ReconstructionReport {
  /** Those in which something moved, in order. */
  readonly regions: readonly RegionReport[];
  /** Nodes that stand beside layers; absent where what moved was merged. */
  readonly added?: AddedReport;
  /** After each region with layers, in order: how far what leaves it is from what leaves it in the dense model. */
  readonly drift: readonly DepthDrift[];
}

export interface AddedReport {
  /** Names of the layers that have something beside them. */
  readonly layers: readonly string[];
  readonly nodes: number;
  readonly parameters: number;
  readonly bytes: number;
}

export interface RegionReport {
  readonly name: string;
  readonly kind: string;
  /** Names of the layers in it. */
  readonly layers: readonly string[];
  /** Weights that moved, zeros not counted, and those that were added. */
  readonly trained: number;
  /** What was descended on, judged on the data that decides. */
  readonly loss: BeforeAfter;
  /** Squared norm of the change of what the region answers over the squared norm of what it should answer; absent where the model was trained as a whole. */
  readonly error?: BeforeAfter;
  readonly steps: number;
  /** Of the steps in order, means over equal stretches where there are many. */
  readonly losses: readonly number[];
  /** The judged loss at the start and after each epoch. */
  readonly judged: readonly number[];
}

export interface BeforeAfter {
  readonly before: number;
  readonly after: number;
}

export interface DepthDrift {
  readonly region: string;
  /** Squared norm of the difference over the squared norm in the dense model, on the calibration data. */
  readonly drift: number;
}
