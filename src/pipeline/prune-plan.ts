/** What a dry run of `scalpel prune` answers: which layers would be pruned, and which not and why. */

export interface PrunePlan {
  readonly schemaVersion: 1;
  readonly kind: 'prune-plan';
  readonly model: string;
  /** In order of execution. */
  readonly layers: readonly PlannedLayer[];
  readonly skipped: readonly { readonly name: string; readonly op?: string; readonly reason: string }[];
  readonly warnings: readonly string[];
}

export interface PlannedLayer {
  /** The initializer's name. */
  readonly name: string;
  /** The node that uses it first. */
  readonly node?: string;
  readonly op: string;
  /** As stored. */
  readonly shape: readonly number[];
  readonly region?: string;
  /** The fraction that would be removed; absent where scores decide it. */
  readonly sparsity?: number;
}
