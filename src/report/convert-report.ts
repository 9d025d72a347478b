/** The document of one run of `convert`: plain JSON data, filled by the pipeline and read by people, pages and scripts. */
import type { DataFacts, FileFacts, QualityChange, Reproduction, Timing } from './prune-report.js';

export interface ConvertReport {
  readonly schemaVersion: 1;
  readonly kind: 'convert';
  readonly target: string;
  /** What one gets, in a line. */
  readonly summary: string;
  readonly writes: 'onnx' | 'safetensors';
  readonly model: { readonly before: FileFacts; readonly after: FileFacts };
  /** Every file that was written, the model first; the report's aside. */
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  readonly settings: ConvertSettings;
  /** In the order of the model's weights. */
  readonly tensors: readonly TensorReport[];
  readonly notes: readonly string[];
  readonly outputs: OutputErrors;
  /** Whether ONNX Runtime opens the file as it lies; absent for files of tensors, and where that was not tried. */
  readonly opens?: boolean;
  /** Absent without data that says what is right. */
  readonly quality?: QualityChange;
  readonly data: { readonly tokens?: DataFacts; readonly calibration?: DataFacts; readonly evaluation?: DataFacts };
  readonly reproduce: Reproduction;
  readonly timing: Timing & {
    /** Milliseconds until ONNX Runtime has opened the file, the median of three. */
    readonly opening?: { readonly beforeMs: number; readonly afterMs: number };
  };
}

export interface ConvertSettings {
  readonly options: Readonly<Record<string, string | number | boolean>>;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly weights?: string;
  /** A file of the ids that are kept. */
  readonly tokens?: string;
  readonly seed: number;
  readonly threads: number;
  readonly provider: string;
  readonly maxError?: number;
  readonly maxDrop?: number;
}

export interface TensorReport {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly bytes: { readonly before: number; readonly after: number };
  /** ‖W - Ŵ‖ / ‖W‖, and the largest |w - ŵ|; absent where every bit can be got back. */
  readonly error?: { readonly relative: number; readonly largest: number };
}

export interface OutputErrors {
  /** What both models were fed with. */
  readonly inputs: string;
  /** Set where the runtime has no kernels for the precision of one of the models. */
  readonly computedIn?: 'float32';
  readonly outputs: readonly OutputError[];
  /** Why there are none. */
  readonly failure?: string;
}

export interface OutputError {
  readonly name: string;
  /** Largest |a - b|; null where it is not a number. */
  readonly largest: number | null;
  /** ‖a - b‖ / ‖a‖; null where it is not a number. */
  readonly relative: number | null;
}
