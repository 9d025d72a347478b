/** What `scalpel train` asks for: plain data with every default filled in. */
import type { SeriesSetOptions } from '../../data/series-sets/open.js';
import type { GivenOptions } from '../../settings/index.js';
import type { AlgorithmName } from '../../train/algorithms/index.js';
import type { BackboneName } from '../../train/backbones/index.js';
import type { BaselineName } from '../../train/baselines/index.js';
import type { TrainingSettings } from '../../train/settings.js';
import type { FolderOutput } from '../folder-output.js';
import type { EngineRequest } from '../requests.js';

export interface TrainRequest {
  /** Path of a model that is trained further; absent: a fresh backbone. */
  readonly model?: string;
  readonly backbone: AskedBackbone;
  /** Whether its last layer is drawn anew, for the classes of the data. */
  readonly newHead: boolean;
  /** Whether weights that are zero in the model stay zero. */
  readonly holdsZeros: boolean;
  readonly data: SeriesRequest;
  readonly draws: Draws;
  readonly algorithm: AlgorithmName;
  /** What differs from the algorithm's own options. */
  readonly given: GivenOptions;
  readonly training: TrainingSettings;
  /** Settings are searched first, by the first number of labels and the first seed; all trainings take the best. */
  readonly search?: SearchRequest;
  /** What else is fitted to the same labels, to compare with. */
  readonly baselines: readonly BaselineName[];
  /** Whether the model of every training is written, not only that of the best. */
  readonly savesAll: boolean;
  readonly engine: EngineRequest;
  /** Absent in a dry run that names none. */
  readonly output?: FolderOutput;
  /** As typed, `scalpel` first. */
  readonly commandLine: readonly string[];
}

export interface AskedBackbone {
  readonly name: BackboneName;
  readonly width?: number;
  readonly dropout?: number;
}

/** Files of series and how they are read. */
export interface SeriesRequest extends SeriesSetOptions {
  readonly training: readonly string[];
  readonly unlabelled?: readonly string[];
  readonly validation?: readonly string[];
  readonly test?: readonly string[];
}

/** Which series are labelled, validated and tested on. */
export interface Draws {
  /** How many labels are used; a training for each, and each seed. */
  readonly budgets: readonly (number | 'all')[];
  readonly seeds: readonly number[];
  /** Series to validate on, drawn from the validation files or, without them, from the labelled training series; absent: a usual number. */
  readonly validation?: number;
  /** At most so many of the test series. */
  readonly test?: number;
}

/** Where the search ends: at what is reached first. */
export interface SearchRequest {
  readonly trials?: number;
  readonly minutes?: number;
}
