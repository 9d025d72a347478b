/** How much is to go: as asked for, or as much as brings the model down to a target. */
import type { Axis } from '../../axes/axis.js';
import type { Samples } from '../../data/index.js';
import { exitCodes, UserError } from '../../errors.js';
import { latencies, sizes } from '../../evaluate/index.js';
import { costsOf } from '../../groups/costs.js';
import type { Living } from '../../groups/shrink.js';
import { shrink } from '../../groups/shrink.js';
import { heed } from '../../heed.js';
import type { Graph } from '../../ir/types.js';
import { type Candidates, chooseUnits } from '../../prune/units/choose.js';
import { type UnitCriterion, unitCriteria } from '../../prune/units/index.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import type { Engine } from '../engine.js';
import { weightBytes } from '../memory.js';
import type { AmountRequest, ShrinkRequest, TargetOf } from './request.js';
import type { ShrinkScene } from './scene.js';

export interface Chosen {
  readonly sparsity: number;
  /** By group of the scene, 1 where a unit stays. */
  readonly living: readonly Uint8Array[];
}

export interface Search {
  readonly scene: ShrinkScene;
  readonly request: ShrinkRequest;
  readonly candidates: readonly Candidates[];
  /** The model's own samples, for latency. */
  readonly samples: Samples | undefined;
  readonly engine: Engine;
  readonly context: JobContext;
}

/** @throws UserError (exit 4) when the target is out of reach. */
export async function chooseAmount(search: Search): Promise<Chosen> {
  const { amount } = search.request;
  return amount.kind === 'sparsity' ? chosenAt(search, amount.sparsity) : reaching(search, amount);
}

function chosenAt({ request, candidates }: Search, sparsity: number): Chosen {
  const { across }: UnitCriterion = unitCriteria[request.criterion];
  const { allocation, least } = request;
  return { sparsity, living: chooseUnits(candidates, { sparsity, allocation, across, least }) };
}

export const livingOf = ({ groups }: ShrinkScene, living: readonly Uint8Array[]): Living =>
  new Map(groups.map(({ group }, i): [Axis, Uint8Array] => [group.units, living[i]!]));

/** Beyond it nothing more goes: each group keeps some. */
const most = 1;

/** Halvings of what is asked for; latencies are measured, and hardly better known than to a few percent. */
const halvings: Readonly<Record<TargetOf, number>> = { parameters: 12, flops: 12, bytes: 12, latency: 6 };

async function reaching(search: Search, { of, fraction }: Extract<AmountRequest, { kind: 'target' }>): Promise<Chosen> {
  const { context, request } = search;
  const measure = await measureOf(search, of);
  const tell = (done: number): void =>
    context.emit({ type: 'progress', stage: `search ${of}`, done, total: halvings[of] + 1, unit: 'models' });
  tell(0);
  let found = chosenAt(search, most);
  const reached = await measure(found);
  if (reached > fraction) {
    throw new UserError(
      'shrink',
      `expected to come down to ${fraction} of the ${of}, got ${reached.toFixed(3)} with all units gone that may go (--least ${request.least}); choose a higher target, more --units or a smaller --least`,
      { exitCode: exitCodes.gate },
    );
  }
  let [low, high] = [0, most];
  for (let step = 0; step < halvings[of]; step++) {
    await heed(context.signal);
    tell(step + 1);
    const middle = chosenAt(search, (low + high) / 2);
    if ((await measure(middle)) <= fraction) {
      high = middle.sparsity;
      found = middle;
    } else low = middle.sparsity;
  }
  tell(halvings[of] + 1);
  return found;
}

/** What a model without those units has of it, as a fraction of what the dense one has. */
async function measureOf(search: Search, of: TargetOf): Promise<(chosen: Chosen) => Promise<number>> {
  const { scene, request, samples, engine, context } = search;
  const { flows, dense, model } = scene;
  const small = ({ living }: Chosen): Graph => shrink(flows, livingOf(scene, living), model.graph);
  if (of === 'parameters' || of === 'flops') {
    const name = of === 'flops' ? 'multiplications' : 'parameters';
    return async ({ living }) => costsOf(flows, livingOf(scene, living))[name] / dense[name];
  }
  if (of === 'bytes') {
    const { bytes } = await sizes(request.model, context.signal);
    const own = weightBytes(model.graph);
    return async (chosen) => (bytes - own + weightBytes(small(chosen))) / bytes;
  }
  if (!samples)
    throw new UserError('shrink', 'expected data to measure latency on, got none; name --calibration or --eval-data');
  return async (chosen) => {
    const [before, after] = await latencies([model.graph, small(chosen)], samples, {
      ...engine,
      signal: context.signal,
    });
    return after!.p50Milliseconds / before!.p50Milliseconds;
  };
}
