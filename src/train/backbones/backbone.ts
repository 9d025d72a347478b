/** Backbone: a classifier of series that starts fresh, built as an ONNX graph. */
import type { Graph } from '../../ir/types.js';

export interface BackboneShape {
  readonly channels: number;
  /** Steps of a series. */
  readonly length: number;
  /** 2 at least: there is one logit a class. */
  readonly classes: number;
  /** Whether series end at steps of their own, which an input `mask` says. Default false. */
  readonly masked?: boolean;
  /** The fraction of features dropped in training, in [0, 1). Default 0: none of the published networks of convolutions drop. */
  readonly dropout?: number;
  /** Channels of the first layer; the others keep their proportion to it. Default: as published. */
  readonly width?: number;
}

/**
 * Inputs: `input` float32 [batch, channels, length] and, where masked, `mask` float32 [batch, length], 1 where there are values and
 * 0 behind them: what stands there moves no logit. Output: `logits` float32 [batch, classes].
 *
 * BatchNormalization and Dropout have their inference form; a trainer turns them into that of training in its copy.
 */
export interface Backbone {
  readonly name: string;
  readonly description: string;
  readonly paper?: string;
  /**
   * @param seed of the weights, which are drawn as PyTorch draws them: the published results stand on that.
   * @throws UserError for sizes that no network has.
   */
  build(shape: BackboneShape, seed: number): Graph;
}
