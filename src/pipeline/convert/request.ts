/** What `scalpel convert` asks for, as plain data. */
import type { TargetName } from '../../convert/index.js';
import type { GivenOptions } from '../../settings/index.js';
import type { DataRequest, EngineRequest, MetricName } from '../requests.js';

/** A target, and what of its settings differs from the usual ones. */
export interface FormRequest {
  readonly target: TargetName;
  readonly given: GivenOptions;
}

/** What conversions read and may cost, whatever they make. */
export interface ConvertInputs {
  readonly model: string;
  /** Patterns over names of weights and nodes, and over ops. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** A file of tensors whose values take the place of the model's. */
  readonly weights?: string;
  /** A file of the ids of tokens to keep. */
  readonly tokens?: string;
  /** Text whose tokens are kept. */
  readonly tokensFrom?: DataRequest;
  /** What targets that look at data see. */
  readonly calibration?: DataRequest;
  /** What the two models are compared on; absent: random numbers. */
  readonly evaluation?: DataRequest & { readonly metric: MetricName };
  readonly engine: EngineRequest;
  readonly seed: number;
  /** Largest relative error of an output. */
  readonly maxError?: number;
  /** Largest relative loss of quality. */
  readonly maxDrop?: number;
  readonly commandLine: readonly string[];
}

export interface ConvertRequest extends ConvertInputs, FormRequest {
  /** Absent in dry runs that name none. */
  readonly output?: ConvertOutput;
}

export interface ConvertOutput {
  readonly file: string;
  readonly report: string;
  readonly force: boolean;
}
