/** The methods of a request, batch by batch; finished batches are kept and not done again. */
import {
  type Batch,
  batchesFor,
  checkNeeds,
  explainerNamed,
  type Finding,
  type Ground,
  runBatch,
  settledFor,
} from '../../counterfactual/index.js';
import type { Steps } from '../../run/run-directory.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import type { GivenOptions } from '../../settings/index.js';
import { kept } from './kept-batch.js';
import { type AskedExplainer, type ExplainRequest, usualBatch } from './request.js';

/** All that one method found, in the order of the instances. */
export interface Pass {
  readonly method: AskedExplainer['name'];
  readonly options: GivenOptions;
  readonly findings: readonly Finding[];
  readonly modelMilliseconds: number;
  readonly milliseconds: number;
}

/** @throws UserError when a method lacks what it needs, before any works. */
export async function runPasses(
  request: ExplainRequest,
  ground: Ground,
  run: Steps,
  context: JobContext,
): Promise<Pass[]> {
  const planned = request.methods.map(({ name, given }) => {
    const method = explainerNamed(name);
    const options = settledFor(method, given, ground, request.several?.count);
    checkNeeds(method, options, ground);
    return { name, method, options };
  });
  const passes: Pass[] = [];
  for (const { name, method, options } of planned) {
    const batches = batchesFor(ground, request.engine.batch ?? usualBatch);
    const { count: total } = ground.instances;
    const tell = (done: number): void =>
      context.emit({ type: 'progress', stage: name, done, total, unit: 'instances' });
    const findings: Finding[] = [];
    const done: Batch[] = [];
    let finished = 0;
    tell(0);
    for (const [i, rows] of batches.entries()) {
      const batch = await kept(run, `${name}-${i}`, ground, () =>
        runBatch(method, options, ground, rows, {
          batch: rows.length,
          seed: request.seed,
          limits: request.limits,
          ...(request.keep && { keep: request.keep }),
          several: request.several,
          signal: context.signal,
          onCall: (_, asked) => tell(Math.floor(finished + asked.progress * rows.length)),
        }),
      );
      rows.forEach((row, j) => {
        findings[row] = batch.findings[j]!;
      });
      done.push(batch);
      finished += rows.length;
      tell(finished);
    }
    const sum = (of: (batch: Batch) => number): number => done.reduce((all, batch) => all + of(batch), 0);
    passes.push({
      method: name,
      options,
      findings,
      modelMilliseconds: sum((batch) => batch.modelMilliseconds),
      milliseconds: sum((batch) => batch.milliseconds),
    });
  }
  return passes;
}
