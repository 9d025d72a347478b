/** What `scalpel merge` asks for. */

import type { FolderOutput } from '../folder-output.js';
import type { EngineRequest } from '../requests.js';

export interface MergeRequest {
  /** Output folders of all parts, in any order. */
  readonly parts: readonly string[];
  readonly output: FolderOutput;
  readonly engine: EngineRequest;
  readonly commandLine: readonly string[];
}
