/** The document of one prune run: plain JSON data, filled by the pipeline and read by people, pages and scripts. */
import type { ReconstructionReport } from './reconstruction-report.js';
import type { UnitOrderReport } from './unit-order-report.js';

export interface PruneReport {
  readonly schemaVersion: 1;
  readonly kind: 'prune' | 'reconstruct';
  /** `dense`: of a model that was pruned before, what it was made from. */
  readonly model: { readonly dense?: FileFacts; readonly before: FileFacts; readonly after: FileFacts };
  readonly settings: PruneSettings;
  /** Of the whole model. */
  readonly weights: { readonly before: WeightCounts; readonly after: WeightCounts };
  /** Of the selected layers only: what the pattern was asked for. */
  readonly selected: { readonly before: WeightCounts; readonly after: WeightCounts };
  /** Absent when no evaluation data was given. */
  readonly quality?: QualityChange;
  /** In order of execution. */
  readonly layers: readonly LayerReport[];
  /** Where units were put in another order first. */
  readonly order?: UnitOrderReport;
  /** Where what was left was fitted again. */
  readonly reconstruction?: ReconstructionReport;
  readonly skipped: readonly SkippedLayer[];
  readonly warnings: readonly string[];
  readonly data: { readonly calibration?: DataFacts; readonly evaluation?: DataFacts };
  readonly reproduce: Reproduction;
  /** Everything that differs between two equal runs: nothing measured in seconds stands elsewhere. */
  readonly timing: Timing;
}

export interface FileFacts {
  readonly path: string;
  readonly sha256: string;
  /** External data included. */
  readonly bytes: number;
  /** Size of `gzip -6` of the same bytes. */
  readonly gzipBytes?: number;
}

export interface PruneSettings {
  readonly method: string;
  /** How what was left was fitted again, by option. */
  readonly reconstruction?: Readonly<Record<string, string | number | boolean>>;
  /** As written on the command line: `0.5`, `2:4`, `16x4:0.5`. */
  readonly pattern?: string;
  /** The weights that competed with each other: row, matrix or global. */
  readonly group?: string;
  readonly allocation?: string;
  readonly selection?: string;
  readonly statisticsFrom?: string;
  /** What was worked on at a time: matrix, half or block. */
  readonly regions?: string;
  readonly seed: number;
  readonly threads?: number;
  readonly provider: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Further options by name, such as SparseGPT's damping. */
  readonly options: Readonly<Record<string, string | number | boolean>>;
}

export interface WeightCounts {
  readonly total: number;
  readonly nonZero: number;
}

export interface QualityChange {
  /** `perplexity`, `top-1 accuracy`, ... */
  readonly metric: string;
  readonly before: number;
  readonly after: number;
  /** Of the model that the one before was made from. */
  readonly dense?: number;
  readonly better: 'lower' | 'higher';
  /** Fractions are shown as percent. */
  readonly unit?: 'fraction';
}

export interface LayerReport {
  /** The initializer's name. */
  readonly name: string;
  /** The node that uses it first. */
  readonly node?: string;
  readonly op: string;
  /** As stored. */
  readonly shape: readonly number[];
  /** The region the layer was pruned in, such as `block 3`. */
  readonly region?: string;
  readonly weights: number;
  /** Fraction removed: wanted, there before, there now. */
  readonly sparsity: { readonly asked: number; readonly before: number; readonly after: number };
  /** Norm of the change over the norm of the weights, in [0, 1] for masks alone. */
  readonly weightError?: number;
  /** Norm of the change of the layer's output over the norm of the output, on the calibration data. */
  readonly outputError?: number;
  readonly notes: readonly string[];
}

export interface SkippedLayer {
  readonly name: string;
  readonly op?: string;
  readonly shape?: readonly number[];
  readonly reason: string;
}

export interface DataFacts {
  readonly description: string;
  readonly files: readonly { readonly path: string; readonly sha256: string; readonly bytes: number }[];
  readonly samples?: number;
  /** Tokens per window. */
  readonly seqLen?: number;
  readonly tokens?: number;
}

export interface Reproduction {
  /** The command line, one argument each. */
  readonly command: readonly string[];
  readonly workingFolder?: string;
  /** By name: onnx-scalpel, node, onnxruntime-node, platform, ... */
  readonly versions: Readonly<Record<string, string>>;
}

export interface Timing {
  /** ISO 8601. */
  readonly finishedAt?: string;
  readonly totalSeconds: number;
  /** The most memory that the job's process had at once (its high-water mark, mapped weights included). */
  readonly peakMemoryBytes?: number;
  /** `runtimeSeconds`: the part of it spent inside ONNX Runtime. */
  readonly stages: readonly { readonly stage: string; readonly seconds: number; readonly runtimeSeconds?: number }[];
  /** Of each region that was reconstructed. */
  readonly regions?: readonly { readonly name: string; readonly seconds: number; readonly peakMemoryBytes: number }[];
  /** Median milliseconds of one run of `batch` samples. */
  readonly latency?: { readonly beforeMs: number; readonly afterMs: number; readonly description?: string };
}
