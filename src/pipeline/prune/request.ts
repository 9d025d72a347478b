/** What `scalpel prune` asks for, resolved from the command line: plain data with every default filled in. */
import type { AllocationName } from '../../masks/allocation.js';
import type { Group, PatternSpec, SelectionRule } from '../../masks/patterns.js';
import { type Pruner, type PrunerName, pruners } from '../../prune/index.js';
import type { PrunerOptions } from '../../prune/pruner.js';
import type { RegionChoice } from '../../regions/index.js';
import type { ReconstructionRequest } from '../reconstruct/request.js';
import type { DataRequest, EngineRequest, MetricName } from '../requests.js';

/** What every command asks that makes a model of a model. */
export interface RunRequest {
  /** Path of the model to work on. */
  readonly model: string;
  readonly layers: LayerRequest;
  readonly calibration?: DataRequest;
  /** Measured before and after. */
  readonly evaluation?: DataRequest & { readonly metric: MetricName };
  readonly engine: EngineRequest;
  readonly seed: number;
  /** Processes that work on regions at once, where these do not depend on each other; absent: one. */
  readonly jobs?: number;
  /** The quality gate (exit 4): how much worse the figure may get, relative to the one before. */
  readonly maxDrop?: number;
  /** As typed, one argument each, `scalpel` first: for the report's "how to reproduce". */
  readonly commandLine: readonly string[];
}

export interface PruneRequest extends RunRequest {
  readonly method: PrunerName;
  readonly methodOptions: PrunerOptions;
  readonly pattern: PatternSpec;
  /** Absent: the method's own choice. */
  readonly group?: Exclude<Group, 'column-block'>;
  readonly allocation: AllocationRequest;
  readonly selection: SelectionRule;
  /** n:m: puts units in an order first in which the pattern keeps more. */
  readonly permute?: boolean;
  /** Whether a block's statistics see the earlier blocks pruned or the whole model dense. */
  readonly statisticsFrom: 'sparse' | 'dense';
  /** What is worked on, and held in memory, at a time. */
  readonly regions: RegionChoice;
  /** Fits what is left again, region by region on the way. */
  readonly reconstruction?: ReconstructionRequest;
  /** Absent in a dry run, which resolves inputs, lists the layers and writes nothing. */
  readonly output?: OutputRequest;
}

/** How the overall sparsity is spread over layers. */
export interface AllocationRequest {
  readonly kind: AllocationName;
  /** OWL: an outlier exceeds this many times the layer's mean score. */
  readonly owlThreshold?: number;
  /** OWL: the most a layer's sparsity differs from the overall one. */
  readonly owlLambda?: number;
  /** The last one that matches a layer wins over the allocation. */
  readonly overrides: readonly LayerOverride[];
}

export interface LayerOverride {
  /** A glob or `re:` expression over node, initializer and op names. */
  readonly layer: string;
  readonly sparsity: number;
}

/** Globs or `re:` expressions over node, initializer and op names; without `include`, all but embeddings and head. */
export interface LayerRequest {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

export interface OutputRequest {
  /** Where the pruned model goes. */
  readonly model: string;
  /** Folder of report.json and report.html. */
  readonly report: string;
  /** Working folder; kept after success only when `keepRun`. */
  readonly run: string;
  readonly keepRun: boolean;
  /** Overwrite files that exist. */
  readonly force: boolean;
}

/** Whether no unit waits for another: nothing has to be observed of a model that is pruned already in part. */
export const isInAnyOrder = ({ method, group, statisticsFrom }: PruneRequest): boolean =>
  (pruners[method] as Pruner).needs.length === 0 || group === 'global' || statisticsFrom === 'dense';
