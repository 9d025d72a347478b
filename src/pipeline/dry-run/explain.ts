/** The job of `scalpel explain --dry-run`: every method on one instance, for a few seconds at most. */
import { checkNeeds, explainerNamed, type Ground, runBatch, settledFor } from '../../counterfactual/index.js';
import type { JobContext } from '../../runtime/job.js';
import { startEngine } from '../engine.js';
import { checkOutputs, filesIn } from '../explain/places.js';
import type { AskedExplainer, ExplainRequest } from '../explain/request.js';
import { openGroundFor, openScene } from '../explain/scene.js';
import { peakMemory } from '../peak-memory.js';
import type { DryRun, EstimatedPart } from './dry-run.js';
import { lookAtFolder } from './folder.js';
import { DryRunNotes } from './notes.js';

/** A method that takes longer for one instance is told by what it did until then. */
const mostSeconds = 5;

/** @throws UserError where the model, the data or the provider cannot be had: the command would end there too. */
export async function run(request: ExplainRequest, context: JobContext): Promise<DryRun> {
  const notes = new DryRunNotes('explain');
  const names = request.methods.map(({ name }) => name);
  const { output } = request;
  await lookAtFolder(notes, 'explain', output, (folder) => filesIn(folder, names));
  const started = performance.now();
  const scene = await openScene(request);
  notes.model(scene.model);
  if (output) {
    const read = [{ path: request.model }, ...scene.samples.provenance.files];
    await notes.attempt(() => checkOutputs(output, request, read));
  }
  notes.data('explained', scene.samples);
  if (request.reference && request.reference !== 'none') notes.data('reference', scene.reference);
  const engine = await startEngine(request.engine, context);
  // a dry run writes nothing, densities neither
  const { densities: _, ...asked } = request;
  const opened = await notes.run(scene.graph, () => openGroundFor(scene, asked, engine, context.signal));
  if (!opened) return notes.finish(request.engine, undefined);
  const { ground, warnings } = opened;
  for (const text of warnings) notes.warn(text);
  try {
    const parts: EstimatedPart[] = [{ what: 'prepare', seconds: (performance.now() - started) / 1000 }];
    for (const method of request.methods) {
      const part = await notes.run(ground.network.graph, () => tried(method, ground, request, notes, context));
      if (part) parts.push(part);
    }
    const { instances, network } = ground;
    // instances and counterfactuals in the arrays, once more in the steps that are kept
    const diskBytes = 3 * 4 * instances.count * network.space.size * request.methods.length;
    return notes.finish(request.engine, { parts, memoryBytes: peakMemory(), diskBytes });
  } finally {
    await ground.release();
  }
}

/** The time of all instances by that of one, which batches go below. */
async function tried(
  { name, given }: AskedExplainer,
  ground: Ground,
  request: ExplainRequest,
  notes: DryRunNotes,
  { signal }: JobContext,
): Promise<EstimatedPart> {
  const method = explainerNamed(name);
  const options = settledFor(method, given, ground, request.several?.count);
  checkNeeds(method, options, ground);
  const { count } = ground.instances;
  const { queries, seconds = mostSeconds } = request.limits;
  const limits = { queries, seconds: Math.min(seconds, mostSeconds) };
  const { milliseconds } = await runBatch(method, options, ground, [0], {
    batch: 1,
    seed: request.seed,
    limits,
    several: request.several,
    signal,
  });
  if (milliseconds > mostSeconds * 1000)
    notes.warn(`${name} was stopped after ${mostSeconds} s of its first instance: it takes longer than estimated`);
  return { what: `${name}: ${count} instances`, seconds: (milliseconds / 1000) * count };
}
