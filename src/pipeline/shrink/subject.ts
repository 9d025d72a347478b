/** What a run takes out of a model, be it units or blocks: all that differs between the two; the run around it is the same. */
import type { Samples } from '../../data/index.js';
import type { Costs } from '../../groups/costs.js';
import type { Graph, Model } from '../../ir/types.js';
import type { GroupReport } from '../../report/shrink-report.js';
import type { RunDirectory } from '../../run/run-directory.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { Engine } from '../engine.js';
import type { Data } from '../making/results.js';
import type { SpaceScene } from '../making/space.js';
import type { Scene } from '../prune/scene.js';
import type { Reconstructed } from '../reconstruct/loop.js';
import type { ReconstructionRequest } from '../reconstruct/request.js';
import type { LeftAlone } from './scene.js';

export interface Subject {
  readonly model: Model;
  /** The float32 copy at opset 21 that is looked at and run. */
  readonly copy: Graph;
  readonly dense: Costs;
  /** What could go, with as much left as is known beforehand. */
  readonly groups: readonly GroupReport[];
  readonly left: readonly LeftAlone[];
  /** What is kept on the way. */
  readonly space: SpaceScene;
  /** What is fitted again, or could be. */
  fit(): Scene;
  /** What goes, in words. */
  readonly summary: string;
  /** What the criterion looks at. */
  readonly look: LookTrial | undefined;
  decide(work: Work): Promise<Decided>;
}

export interface Work {
  readonly data: Data;
  readonly engine: Engine;
  readonly run: RunDirectory;
  readonly context: JobContext;
}

export interface Decided {
  readonly sparsity: number;
  /** Whether anything does. */
  readonly goes: boolean;
  readonly groups: readonly GroupReport[];
  readonly costs: Costs;
  /** What the model stores then, by name, before it is fitted again. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Layers with a bias that makes up for units. */
  readonly compensated: readonly string[];
  /** Why nothing goes, as a user would mend it. */
  readonly advice: string;
  refit(reconstruction: ReconstructionRequest, samples: Samples): Promise<Reconstructed>;
  /** @param tensors that the model stores now. */
  made(tensors: ReadonlyMap<string, Tensor>): Made;
}

export interface Made {
  readonly model: Model;
  /** As it is to be stored. */
  readonly small: Graph;
  /** A copy of the whole one with zeros that it has to answer as. */
  readonly masked: Graph;
}

/** For an estimate. */
export interface LookTrial {
  /** How many times as long a look takes. */
  readonly times: number;
  run(few: Samples, engine: Engine, signal: AbortSignal): Promise<unknown>;
}
