/** What `scalpel merge` asks for. */
import type { EngineRequest } from '../requests.js';
import type { AttackOutput } from './request.js';

export interface MergeRequest {
  /** Output folders of all parts, in any order. */
  readonly parts: readonly string[];
  readonly output: AttackOutput;
  readonly engine: EngineRequest;
  readonly commandLine: readonly string[];
}
