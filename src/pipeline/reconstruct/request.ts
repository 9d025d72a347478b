/** What is asked of a reconstruction, resolved from the command line: plain data with every default filled in. */
import type { OptimiserName, ScheduleName } from '../../optim/index.js';
import type { AdapterName } from '../../reconstruct/adapters/index.js';
import type { ReconstructionLoss } from '../../reconstruct/region-problem.js';
import type { RegionChoice } from '../../regions/index.js';
import type { OutputRequest, RunRequest } from '../prune/request.js';
import type { DataRequest } from '../requests.js';

/** How the weights that pruning left are fitted again. */
export interface ReconstructionRequest {
  /** Trains the model as a whole on tokens or labels instead: regions, inputs, targets, solver and loss count for nothing. */
  readonly retrain: boolean;
  /** What is matched at a time. */
  readonly regions: RegionChoice;
  /** What a region is fed: what the dense model has there, or the model as it has become. */
  readonly inputs: 'sparse' | 'dense';
  /** What it should answer: what the dense model has there, or the dense region to the same inputs. */
  readonly targets: 'dense' | 'own';
  readonly solver: SolverName;
  /** What moves. */
  readonly trained: AdapterName;
  /** For low-rank adapters: the rank, and the scale as a multiple of it. */
  readonly rank?: number;
  readonly alpha?: number;
  /** The fraction of the calibration samples that decides what is best and is not trained on; 0: none. */
  readonly heldOut: number;
  /** `least-squares`: added to the diagonal, relative to its mean. */
  readonly ridge?: number;
  /** For `descent`. */
  readonly descent: DescentRequest;
}

export interface DescentRequest {
  readonly optimiser: OptimiserName;
  /** The highest learning rate. */
  readonly rate: number;
  /**
   * The rate is for products of up to so many columns, and less in proportion where all of a region's are wider, as Adam wants it
   * (Yang et al., Tensor programs V, arXiv 2203.03466); absent: the same everywhere.
   */
  readonly ratedColumns?: number;
  /** Passes over the calibration data. */
  readonly epochs: number;
  /** Few samples, but for windows of text, are passed over more often than that, until so many were shown; 0: never. */
  readonly leastSamples: number;
  /** Samples a step. */
  readonly batchSize: number;
  /** In how many runs of the runtime a step is done: less memory for more of them. */
  readonly accumulate: number;
  readonly schedule: ScheduleName;
  /** The fraction of the steps over which the rate rises. */
  readonly warmUp: number;
  /** The largest norm of the gradient; absent: no clipping. */
  readonly clip?: number;
  readonly loss: ReconstructionLoss;
  /** Epochs without a better loss before a region is done. */
  readonly patience?: number;
  /** Another order of the batches in every epoch. */
  readonly shuffle: boolean;
}

export const solverNames = ['descent', 'least-squares'] as const;

export type SolverName = (typeof solverNames)[number];

/** What `scalpel reconstruct` asks for; `model` is the pruned one. */
export interface ReconstructRequest extends RunRequest {
  /** Path of the model that it was made from. */
  readonly dense: string;
  readonly reconstruction: ReconstructionRequest;
  readonly calibration: DataRequest;
  /** Absent in a dry run alone. */
  readonly output?: OutputRequest;
}

/** The learning rate of `retrain`, where the whole model moves at once. */
export const retrainRate = 3e-4;

/** What is taken where the command line says nothing; docs/reconstruction-defaults.md is the sweep that chose it. */
export const reconstructionDefaults = {
  retrain: false,
  regions: 'half',
  inputs: 'sparse',
  targets: 'dense',
  solver: 'descent',
  trained: 'all',
  heldOut: 0,
  descent: {
    optimiser: 'adamw',
    rate: 4e-3,
    ratedColumns: 192,
    epochs: 5,
    leastSamples: 3000,
    batchSize: 2,
    accumulate: 1,
    schedule: 'linear',
    warmUp: 0.1,
    loss: 'mse',
    shuffle: false,
  },
} as const satisfies ReconstructionRequest;
