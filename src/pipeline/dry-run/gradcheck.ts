/** The job of `scalpel gradcheck --dry-run`: the gradients once, and the value as often as it takes to time it. */
import type { JobContext } from '../../runtime/job.js';
import { startEngine } from '../engine.js';
import { gradcheckFeeds } from '../gradcheck/feeds.js';
import { differentiatedValue, pointOf } from '../gradcheck/job.js';
import { checkPrograms } from '../gradcheck/programs.js';
import type { GradcheckRequest } from '../gradcheck/request.js';
import { openModel } from '../open-model.js';
import { peakMemory } from '../peak-memory.js';
import type { DryRun } from './dry-run.js';
import { differentiated } from './grad.js';
import { DryRunNotes } from './notes.js';

/** Values that a difference takes on average: two a step, until one step agrees with the next. */
const valuesPerDifference = 8;

/** @throws UserError where the model, the data or the provider cannot be had: the command would end there too. */
export async function run(request: GradcheckRequest, context: JobContext): Promise<DryRun> {
  const notes = new DryRunNotes('gradcheck');
  const model = openModel(request.model);
  notes.model(model);
  const engine = await startEngine(request.engine, context);
  const started = performance.now();
  const made = await differentiated(notes, model.graph, { ...request, weightsAsInputs: true });
  if (!made) return notes.finish(request.engine, undefined);
  const timed = await notes.run(made.graph, async () => {
    const { tensors, provenance } = await gradcheckFeeds(model.graph, made, request);
    notes.data('inputs', { count: provenance.samples ?? 1, provenance });
    const point = pointOf(made, tensors);
    const programs = await checkPrograms(made, differentiatedValue(made), tensors, engine);
    try {
      await programs.gradients.run(point);
      await programs.value.run(point);
      const begin = performance.now();
      return { value: await usualSeconds(() => programs.value.run(point)), begin };
    } finally {
      await programs.release();
    }
  });
  if (!timed) return notes.finish(request.engine, undefined);
  const { directions, entries } = request;
  // as many directions along the gradient as random ones, and as many random entries as large ones
  const differences = made.gradients.size * 2 * (directions + entries);
  const parts = [
    { what: 'differentiate', seconds: (timed.begin - started) / 1000 },
    { what: `${differences} differences`, seconds: differences * valuesPerDifference * timed.value },
  ];
  return notes.finish(request.engine, { parts, memoryBytes: peakMemory(), diskBytes: 0 });
}

/** The middle one of a few runs: on a machine with other work a single one may be several times as long. */
async function usualSeconds(run: () => Promise<unknown>): Promise<number> {
  const taken: number[] = [];
  for (const begin = performance.now(); taken.length < 7 && performance.now() - begin < 2000; ) {
    const started = performance.now();
    await run();
    taken.push((performance.now() - started) / 1000);
  }
  return taken.sort((a, b) => a - b)[Math.floor(taken.length / 2)] as number;
}
