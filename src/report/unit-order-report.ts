/** What of a prune report is about units that were put in another order first. */

export interface UnitOrderReport {
  /** Whose scores were to be kept: magnitude, wanda or ria. */
  readonly criterion: string;
  /** The largest difference of an output, relative to its largest number, between the model in both orders. */
  readonly apart: number;
  /** Of all scores of the pruned layers, what the pattern keeps. */
  readonly kept: KeptShare;
  /** In the order of the model's weights; those that gained nothing stay as they were and are not listed. */
  readonly groups: readonly OrderedGroup[];
  /** What readers should know. */
  readonly notes: readonly string[];
}

/** In [0, 1], in the order before and in the one after. */
export interface KeptShare {
  readonly before: number;
  readonly after: number;
}

export interface OrderedGroup {
  readonly units: number;
  /** The pruned layers that read the units. */
  readonly layers: readonly string[];
  /** Of the scores of these layers. */
  readonly kept: KeptShare;
}
