/** What a dry run of `scalpel prune` answers: which layers would be pruned, and which not and why. */
import type { DryRun } from '../dry-run/dry-run.js';
import { needsScores, planLayers } from './layer-plan.js';
import type { PruneRequest } from './request.js';
import { nodeOf, opOf, type Scene } from './scene.js';

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

/** The plan with what a dry run found out. */
export type PruneDryRun = PrunePlan & Omit<DryRun, 'kind' | 'warnings'>;

/** Without running anything: where scores decide, sparsities are left open. */
export async function planOf(scene: Scene, request: PruneRequest): Promise<PrunePlan> {
  const plans = needsScores(request) ? undefined : await planLayers(scene.selected, [], request, noScores);
  const regionOf = new Map(
    scene.schedule.regions.flatMap(({ name, layers }) => layers.map((layer) => [layer, name] as const)),
  );
  return {
    schemaVersion: 1,
    kind: 'prune-plan',
    model: request.model,
    layers: scene.selected.map((layer) => {
      const [node, region, plan] = [nodeOf(layer), regionOf.get(layer), plans?.get(layer)];
      return {
        name: layer.name,
        op: opOf(layer),
        shape: layer.stored.shape,
        ...(node && { node }),
        ...(region && { region }),
        ...(plan && { sparsity: plan.sparsity }),
      };
    }),
    skipped: scene.skipped,
    warnings: [],
  };
}

const noScores = {
  criterion: () => Promise.reject(new Error('a plan has no scores')),
  wanda: () => Promise.reject(new Error('a plan has no scores')),
};
