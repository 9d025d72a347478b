/** Activation map: which positions of an example speak for a label, seen in the last layer that still has positions. */
import type { CompileOptions } from '../../runtime/program.js';
import type { Network } from '../network.js';
import type { Context } from '../oracle.js';

export interface ActivationMaps {
  /** CAM where a mean over positions and one linear layer follow, else Grad-CAM. */
  readonly method: 'CAM' | 'Grad-CAM';
  /** The value that is looked at. */
  readonly value: string;
  /** Of one clean input for a label: from 0 to 1, a number a position. */
  map(input: Float32Array, sample: number, label: number, others: Context['others']): Promise<Float32Array>;
  release(): Promise<void>;
}

/** Why a model has no map. */
export interface NoMaps {
  readonly reason: string;
}

export type OpenActivationMaps = (network: Network, options: CompileOptions) => Promise<ActivationMaps | NoMaps>;
