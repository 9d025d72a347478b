/** The document of a comparison of forms: plain JSON data, filled by the pipeline and read by people, pages and scripts. */
import type { BenchedModel } from './bench-report.js';
import type { OutputErrors } from './convert-report.js';
import type { DataFacts, FileFacts, QualityChange, Reproduction, Timing } from './prune-report.js';

export interface FormsReport {
  readonly schemaVersion: 1;
  readonly kind: 'forms';
  readonly model: FileFacts;
  /** Figures of the model as it came; absent where the runtime does not run it. */
  readonly original?: FormFigures;
  /** In the order in which they were tried. */
  readonly forms: readonly FormReport[];
  /** What was not made, and why. */
  readonly left: readonly { readonly name: string; readonly reason: string }[];
  /** The form that was written; absent where no file was asked for. */
  readonly written?: {
    readonly name: string;
    /** Every file, the model first. */
    readonly files: readonly { readonly path: string; readonly bytes: number }[];
  };
  readonly settings: FormsSettings;
  readonly warnings: readonly string[];
  readonly data: { readonly calibration?: DataFacts; readonly evaluation?: DataFacts };
  readonly reproduce: Reproduction;
  readonly timing: Timing;
}

export interface FormReport {
  /** The target and what was set of it, such as `int8 activations=static`. */
  readonly name: string;
  readonly target: string;
  readonly options: Readonly<Record<string, string | number | boolean>>;
  readonly writes: 'onnx' | 'safetensors';
  /** Files beside it included. */
  readonly bytes: number;
  readonly gzipBytes: number;
  /** True where `gzipBytes` is told from pieces of large files. */
  readonly isGzipEstimated: boolean;
  /** How many weights are in another form. */
  readonly tensors: number;
  readonly outputs: OutputErrors;
  readonly quality?: QualityChange;
  /** Whether outputs and quality are within what was allowed. */
  readonly isWithin: boolean;
  /** Absent where it is not run. */
  readonly figures?: FormFigures;
  /** Why. */
  readonly notRun?: string;
  readonly notes: readonly string[];
}

/** Times are of this machine. */
export type FormFigures = Pick<BenchedModel, 'latency' | 'ratio' | 'roundMilliseconds' | 'load' | 'memory'>;

export interface FormsSettings {
  readonly options: Readonly<Record<string, string | number | boolean>>;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly tokens?: string;
  readonly maxError?: number;
  readonly maxDrop?: number;
  readonly seed: number;
  readonly threads: number;
  readonly provider: string;
}
