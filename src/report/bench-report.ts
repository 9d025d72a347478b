/** The document of a bench: plain JSON data, filled by the pipeline and read by people, pages and scripts. */
import type { PairedRatio, Timed } from '../evaluate/timed.js';
import type { DataFacts, FileFacts, Reproduction, Timing } from './prune-report.js';

export interface BenchReport {
  readonly schemaVersion: 1;
  readonly kind: 'bench';
  /** As named; the first is what the others are compared with. */
  readonly models: readonly BenchedModel[];
  readonly data: DataFacts & { readonly isRandom: boolean };
  readonly settings: BenchSettings;
  readonly machine: BenchMachine;
  readonly warnings: readonly string[];
  readonly reproduce: Reproduction;
  readonly timing: Timing;
}

export interface BenchedModel {
  readonly file: FileFacts;
  /** True where `file.gzipBytes` is told from pieces of large files. */
  readonly isGzipEstimated: boolean;
  readonly latency: Timed;
  /** Absent for the first. */
  readonly ratio?: PairedRatio;
  /** Milliseconds of each round, in which the models were timed in turn; of several runs their median. */
  readonly roundMilliseconds: readonly number[];
  /** Absent where no fresh process was started. */
  readonly load?: BenchLoad;
  readonly memory?: BenchMemory;
  /** Absent for the first. */
  readonly outputs?: BenchOutputs;
}

/** Making a session on the model's file, each in a process of its own. */
export interface BenchLoad {
  readonly medianMilliseconds: number;
  readonly leastMilliseconds: number;
  readonly mostMilliseconds: number;
  /** Median of the first run after it, which may still allocate and pack. */
  readonly firstRunMilliseconds: number;
  readonly loads: number;
}

/** Of the same processes. */
export interface BenchMemory {
  /** Median of what loading and running the model added to the process at its peak. */
  readonly bytes: number;
  readonly leastBytes: number;
  readonly mostBytes: number;
  /** Median of what the process took just before: Node, the runtime and the inputs. Not part of `bytes`. */
  readonly baselineBytes: number;
}

/** How far the outputs are from those of the first model. */
export interface BenchOutputs {
  readonly samples: number;
  readonly outputs: readonly {
    readonly name: string;
    /** ‖a - b‖ / ‖a‖, a of the first; null where that is no number. */
    readonly relative: number | null;
    /** Largest |a - b|; null where one side alone is no number. */
    readonly maxAbsolute: number | null;
  }[];
  /** Why they cannot be compared, such as other shapes. */
  readonly failure?: string;
}

export interface BenchSettings {
  /** Samples per run. */
  readonly batch: number;
  /** Asked for at most, and the seconds that each model may take. */
  readonly runs: number;
  readonly seconds: number;
  readonly warmUp: number;
  readonly loads: number;
  /** Whether each round started a fresh process for each model. */
  readonly isolate: boolean;
  readonly seed: number;
  readonly provider: string;
  readonly threads: number;
}

export interface BenchMachine {
  readonly processor: string;
  readonly cores: number;
  /** Processes that wanted a core, on average over the minute before; absent where the system does not say. */
  readonly loadBefore?: number;
}
