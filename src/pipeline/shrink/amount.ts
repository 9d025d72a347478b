/** How much is to go: as asked for, or as much as brings the model down to a target. */
import type { Samples } from '../../data/index.js';
import { exitCodes, UserError } from '../../errors.js';
import { latencies, sizes } from '../../evaluate/index.js';
import type { Costs } from '../../groups/costs.js';
import { heed } from '../../heed.js';
import type { Graph } from '../../ir/types.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import type { Engine } from '../engine.js';
import { weightBytes } from '../memory.js';
import type { AmountRequest, TargetOf } from './request.js';

export interface Chosen {
  readonly sparsity: number;
  /** By group of the scene, 1 where a unit stays. */
  readonly living: readonly Uint8Array[];
}

export interface Search {
  readonly amount: AmountRequest;
  /** Of the model. */
  readonly path: string;
  readonly graph: Graph;
  readonly dense: Costs;
  /** What stays at a sparsity. */
  livingAt(sparsity: number): readonly Uint8Array[];
  costsOf(living: readonly Uint8Array[]): Costs;
  /** The model without what goes. */
  small(living: readonly Uint8Array[]): Graph;
  /** Where a target is out of reach: what there is to go, and what else could be done. */
  readonly limits: { readonly all: string; readonly advice: string };
  /** The model's own samples, for latency. */
  readonly samples: Samples | undefined;
  readonly engine: Engine;
  readonly context: JobContext;
}

/** @throws UserError (exit 4) when the target is out of reach. */
export async function chooseAmount(search: Search): Promise<Chosen> {
  const { amount } = search;
  return amount.kind === 'sparsity' ? chosenAt(search, amount.sparsity) : reaching(search, amount);
}

const chosenAt = (search: Search, sparsity: number): Chosen => ({ sparsity, living: search.livingAt(sparsity) });

/** Beyond it nothing more goes: each group keeps some. */
const most = 1;

/** Halvings of what is asked for; latencies are measured, and hardly better known than to a few percent. */
const halvings: Readonly<Record<TargetOf, number>> = { parameters: 12, flops: 12, bytes: 12, latency: 6 };

async function reaching(search: Search, { of, fraction }: Extract<AmountRequest, { kind: 'target' }>): Promise<Chosen> {
  const { context, limits } = search;
  const measure = await measureOf(search, of);
  const tell = (done: number): void =>
    context.emit({ type: 'progress', stage: `search ${of}`, done, total: halvings[of] + 1, unit: 'models' });
  tell(0);
  let found = chosenAt(search, most);
  const reached = await measure(found);
  if (reached > fraction) {
    throw new UserError(
      'shrink',
      `expected to come down to ${fraction} of the ${of}, got ${reached.toFixed(3)} with ${limits.all}; choose a higher target, ${limits.advice}`,
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
  const { graph, dense, samples, engine, context } = search;
  if (of === 'parameters' || of === 'flops') {
    const name = of === 'flops' ? 'multiplications' : 'parameters';
    return async ({ living }) => search.costsOf(living)[name] / dense[name];
  }
  if (of === 'bytes') {
    const { bytes } = await sizes(search.path, context.signal);
    const own = weightBytes(graph);
    return async ({ living }) => (bytes - own + weightBytes(search.small(living))) / bytes;
  }
  if (!samples)
    throw new UserError('shrink', 'expected data to measure latency on, got none; name --calibration or --eval-data');
  return async ({ living }) => {
    const [before, after] = await latencies([graph, search.small(living)], samples, {
      ...engine,
      signal: context.signal,
    });
    return after!.p50Milliseconds / before!.p50Milliseconds;
  };
}
