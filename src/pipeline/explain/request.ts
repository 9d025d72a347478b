/** What `scalpel explain` asks for: plain data with every default filled in. */
import type { ExplainerName, MeasureName, Several } from '../../counterfactual/index.js';
import type { Limits, Range, SpaceWish } from '../../oracle/index.js';
import type { GivenOptions } from '../../settings/index.js';
import type { FolderOutput } from '../folder-output.js';
import type { DataRequest, EngineRequest } from '../requests.js';

export interface ExplainRequest {
  readonly model: string;
  readonly data: DataRequest;
  /** Samples that say what is plausible; absent: the data. */
  readonly reference?: DataRequest | 'none';
  /** At most so many of them, drawn by the seed. */
  readonly referenceSamples: number;
  /** Whose word the classes of the reference are; absent: that of the data, where they have labels. */
  readonly referenceClasses?: 'data' | 'model';
  /** Path of a schema of the features. */
  readonly schema?: string;
  readonly goal: AskedGoal;
  /** See `Wish`. */
  readonly probability?: number;
  readonly margin?: number;
  /** At most so many instances. */
  readonly examples?: number;
  /** Only these samples, by number from 0. */
  readonly rows?: readonly number[];
  /** Only those that the model says this class of: its name or number. */
  readonly from?: string;
  readonly methods: readonly AskedExplainer[];
  readonly keep?: MeasureName;
  /** How many counterfactuals of each instance are told; absent: one. */
  readonly several?: Several;
  readonly bounds?: readonly Range[];
  /** Path of an .npy file: 0 where an element or position must stay. */
  readonly mask?: string;
  readonly input?: string;
  readonly scores?: string;
  readonly space?: SpaceWish;
  /** Path of a model of gradients, in place of ours. */
  readonly gradient?: string;
  /** Paths of models given beside the one that is explained. */
  readonly companions: CompanionPaths;
  /** Folder where fitted densities are kept. */
  readonly densities?: string;
  readonly limits: Limits;
  readonly seed: number;
  readonly engine: EngineRequest;
  /** Absent in a dry run that names none. */
  readonly output?: FolderOutput;
  /** As typed, `scalpel` first. */
  readonly commandLine: readonly string[];
}

/** A class is told by name or number: what the classes are called is known once the data are read. */
export type AskedGoal =
  | { readonly kind: 'other' }
  | { readonly kind: 'class'; readonly name: string }
  | { readonly kind: 'offset'; readonly by: number }
  | { readonly kind: 'range'; readonly low: number; readonly high: number };

export interface AskedExplainer {
  readonly name: ExplainerName;
  /** What differs from the method's own settings. */
  readonly given: GivenOptions;
}

export interface CompanionPaths {
  readonly autoencoder?: string;
  readonly encoder?: string;
  readonly decoder?: string;
  readonly flow?: string;
  /** Autoencoders of one class alone, by its name or number. */
  readonly perClass?: Readonly<Record<string, string>>;
}

/** Instances at a time where nobody says. */
export const usualBatch = 100;
