/** Finding: what came of one instance, and what a run is asked for. */
import type { Limits } from '../oracle/trial.js';
import type { Case } from './case.js';
import type { MeasureName } from './measures.js';
import type { Reason } from './reasons.js';
import type { Several } from './several/diverse.js';

/** What came of one instance. */
export interface Finding {
  /** Its number in the data. */
  readonly id: number;
  /** What the model says of it, and what it was to become; of a range both are 0. */
  readonly predicted: number;
  readonly target: number;
  /** Whether the counterfactual as it is stored reaches the goal on the model as it is, and breaks nothing of the schema. */
  readonly success: boolean;
  /** Why not. */
  readonly reason?: Reason;
  /** What the method says of it, such as that it was cut short of the best. */
  readonly remark?: string;
  /** In the input's units, [channels, positions]; the instance where nothing was found. */
  readonly counterfactual: Float32Array;
  /** What the model says of the counterfactual: scores as the method saw them. */
  readonly scores: Float32Array;
  /** Below 0 where the goal is reached. */
  readonly margin: number;
  /** Numbers of the features that change. */
  readonly changed: readonly number[];
  /** Others that hold as this one does, the one that was picked first in front; only where several are asked for. */
  readonly alternatives: readonly Alternative[];
  /** Of the search for the best: what alternatives take besides is not in them. */
  readonly forwards: number;
  readonly backwards: number;
  /** Its share of the batch's wall time. */
  readonly seconds: number;
}

/** Another counterfactual of the same instance. */
export type Alternative = Pick<Finding, 'counterfactual' | 'scores' | 'margin' | 'changed'>;

export interface RunOptions {
  /** Instances at a time. */
  readonly batch: number;
  readonly seed?: number;
  readonly limits?: Limits | undefined;
  /** What is kept of all that is found; default `objective`. */
  readonly keep?: MeasureName;
  /** How many counterfactuals of an instance are told; default: the best one. */
  readonly several?: Several | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told of a batch while it is worked on. */
  readonly onCall?: (rows: readonly number[], asked: Case) => void;
}

export interface Batch {
  /** Places among the instances. */
  readonly rows: readonly number[];
  readonly findings: readonly Finding[];
  /** Inside the model's calls, of `milliseconds` in all. */
  readonly modelMilliseconds: number;
  readonly milliseconds: number;
}
