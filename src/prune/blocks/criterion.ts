/** What a criterion for whole blocks is, and what it is shown of them. */

export type BlockStatistic = 'cosines' | 'slopes' | 'rises';

/** Lists have one number a block. */
export interface BlockInput {
  readonly names: readonly string[];
  /** √Σ w² over all weights that go with a block. */
  readonly norms: Float64Array;
  /** Mean cosine between what goes past a block and what comes out of it, over samples and positions. */
  readonly cosines: Float64Array;
  /** Batch by batch: the slope of the loss by a gate before what the block adds. */
  readonly slopes: readonly Float64Array[];
  /** By how much the loss is higher without the block. */
  readonly rises: Float64Array;
  readonly seed: number;
}

export interface BlockCriterion {
  readonly name: string;
  /** One line for the table of criteria and `--help`. */
  readonly description: string;
  /** Authors, title, arXiv id; empty where there is no one source. */
  readonly paper: string;
  readonly needs: readonly BlockStatistic[];
  /** How much each block matters: the smallest go first. Reads what it needs alone; the rest is empty. */
  score(input: BlockInput): Float64Array;
}
