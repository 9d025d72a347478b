/** The job of `scalpel attack --dry-run`: every attack on one example, for a few seconds at most. */
import {
  attackNamed,
  batchesFor,
  isTargeted,
  type OpenGround,
  passesOf,
  runBatch,
  settle,
} from '../../attack/index.js';
import type { JobContext } from '../../runtime/job.js';
import { checkOutputs, filesIn } from '../attack/places.js';
import { type AskedAttack, type AttackRequest, usualBatch } from '../attack/request.js';
import { openGroundFor, openScene } from '../attack/scene.js';
import { startEngine } from '../engine.js';
import { peakMemory } from '../peak-memory.js';
import type { DryRun, EstimatedPart } from './dry-run.js';
import { lookAtFolder } from './folder.js';
import { DryRunNotes } from './notes.js';

/** An attack that takes longer for one example is told by what it did until then. */
const mostSeconds = 5;

/** @throws UserError where the model, the data or the provider cannot be had: the command would end there too. */
export async function run(request: AttackRequest, context: JobContext): Promise<DryRun> {
  const notes = new DryRunNotes('attack');
  const names = request.attacks.map(({ name }) => name);
  const { output } = request;
  await lookAtFolder(notes, 'attack', output, (folder) => filesIn(folder, names));
  const started = performance.now();
  const scene = await openScene(request);
  notes.model(scene.model);
  if (output) {
    const read = [{ path: request.model }, ...scene.samples.provenance.files];
    await notes.attempt(() => checkOutputs(output, request, read));
  }
  notes.data('attacked', scene.samples);
  const engine = await startEngine(request.engine, context);
  const opened = await notes.run(scene.graph, () => openGroundFor(scene, request, engine, context.signal));
  if (!opened) return notes.finish(request.engine, undefined);
  const { ground } = opened;
  try {
    const parts: EstimatedPart[] = [{ what: 'prepare', seconds: (performance.now() - started) / 1000 }];
    for (const asked of request.attacks) {
      const work = () => tried(asked, ground, request, notes, context);
      const part = await (asked.isOptional ? notes.probe(asked.name, work) : notes.run(ground.network.graph, work));
      if (part) parts.push(part);
    }
    const { subjects, space } = ground;
    // examples twice in the arrays, once in the steps that are kept
    const diskBytes = 3 * 4 * subjects.count * space.size * request.attacks.length;
    return notes.finish(request.engine, { parts, memoryBytes: peakMemory(), diskBytes });
  } finally {
    await ground.release();
  }
}

/** The time of all examples and goals by that of one example, which batches go below. */
async function tried(
  { name, given }: AskedAttack,
  ground: OpenGround,
  request: AttackRequest,
  notes: DryRunNotes,
  { signal }: JobContext,
): Promise<EstimatedPart | undefined> {
  const goals = passesOf(request.wish, ground.network.classes);
  const pairs = goals.reduce((sum, goal) => sum + batchesFor(ground, { goal, batch: 1 }).length, 0);
  const goal = goals.find((each) => batchesFor(ground, { goal: each, batch: usualBatch }).length > 0);
  if (!goal) return undefined;
  const attack = attackNamed(name);
  const options = settle(attack, ground.space, isTargeted(goal), given);
  const rows = batchesFor(ground, { goal, batch: 1 })[0]!;
  const { queries, seconds = mostSeconds } = request.limits;
  const limits = { queries, seconds: Math.min(seconds, mostSeconds) };
  const { milliseconds } = await runBatch(attack, options, ground, rows, {
    goal,
    batch: 1,
    seed: request.seed,
    limits,
    signal,
  });
  if (milliseconds > mostSeconds * 1000)
    notes.warn(`${name} was stopped after ${mostSeconds} s of its first example: it takes longer than estimated`);
  return { what: `${name}: ${pairs} examples`, seconds: (milliseconds / 1000) * pairs };
}
