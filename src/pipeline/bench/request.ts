/** What `scalpel bench` asks for: plain JSON data. */
import type { DataRequest, EngineRequest } from '../requests.js';

export interface BenchRequest {
  /** Paths; the first is what the others are compared with. */
  readonly models: readonly string[];
  /** Absent: random inputs. */
  readonly data?: DataRequest;
  /** Tokens per window of random inputs. */
  readonly seqLen?: number;
  readonly engine: EngineRequest;
  /** Rounds at most. */
  readonly runs: number;
  /** That each model may take for its rounds. */
  readonly seconds: number;
  /** Untimed runs of each model before the first round. */
  readonly warmUp: number;
  /** Fresh processes that load each model, one after the other. */
  readonly loads: number;
  /** Whether each round starts a fresh process for each model. */
  readonly isolate: boolean;
  /** Of random inputs and of the order in each round. */
  readonly seed: number;
  /** Absent: nothing is written. */
  readonly output?: BenchOutput;
  readonly commandLine: readonly string[];
}

export interface BenchOutput {
  /** Of report.json and report.html. */
  readonly folder: string;
  /** Overwrite files that exist. */
  readonly force: boolean;
}
