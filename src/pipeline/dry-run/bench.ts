/** The job of `scalpel bench --dry-run`. */
import { feedsFor } from '../../data/samples.js';
import { firstRun } from '../../evaluate/index.js';
import type { Model } from '../../ir/types.js';
import type { JobContext } from '../../runtime/job.js';
import { type CompileOptions, compileFile } from '../../runtime/program.js';
import { benchFiles, checkBenchOutput } from '../bench/output.js';
import type { BenchRequest } from '../bench/request.js';
import { type BenchScene, benchScene } from '../bench/scene.js';
import { startEngine } from '../engine.js';
import { peakMemory } from '../peak-memory.js';
import { withSwitches } from '../working-copy.js';
import type { DryRun, EstimatedPart } from './dry-run.js';
import { DryRunNotes } from './notes.js';

/** Of starting Node and the runtime, and of leaving. */
const processSeconds = 0.4;

/** @throws UserError where a model, the data or the provider cannot be had: the command would end there too. */
export async function run(request: BenchRequest, context: JobContext): Promise<DryRun> {
  const notes = new DryRunNotes('bench');
  const scene = await benchScene(request);
  for (const model of scene.models) notes.model(model);
  notes.data('inputs of all models', scene.samples);
  for (const path of request.output ? benchFiles(request.output) : []) notes.output(path);
  await notes.attempt(() => checkBenchOutput(request, scene));
  const engine = await startEngine(request.engine, context);
  const trials: Trial[] = [];
  for (const model of scene.models) {
    const trial = await notes.run(model.graph, () => tryModel(model, scene, request, engine));
    if (!trial) return notes.finish(request.engine, undefined);
    trials.push(trial);
  }
  return notes.finish(request.engine, { parts: partsOf(request, trials), memoryBytes: peakMemory(), diskBytes: 0 });
}

interface Trial {
  readonly opening: number;
  readonly running: number;
}

/** Seconds of one load and one run. */
async function tryModel(model: Model, { samples }: BenchScene, request: BenchRequest, engine: CompileOptions) {
  const begin = performance.now();
  const program = await compileFile(model, engine);
  const opened = performance.now();
  try {
    const { feeds } = firstRun(withSwitches(model.graph, samples), request.engine.batch ?? 1);
    await program.run(feedsFor(program.inputs, feeds));
    return { opening: (opened - begin) / 1000, running: (performance.now() - opened) / 1000 };
  } finally {
    await program.release();
  }
}

function partsOf({ runs, seconds, warmUp, loads, isolate }: BenchRequest, trials: readonly Trial[]): EstimatedPart[] {
  const sum = (of: (trial: Trial) => number): number => trials.reduce((total, trial) => total + of(trial), 0);
  const budget = seconds * trials.length;
  const fresh = sum(({ opening, running }) => processSeconds + opening + 3 * running);
  // the first run settles, the second is timed
  const together = 2 * (runs + warmUp) * sum(({ running }) => running);
  return [
    { what: 'time', seconds: Math.min(budget, isolate ? runs * fresh : together) },
    ...(isolate || loads === 0 ? [] : [{ what: 'load in fresh processes', seconds: loads * fresh }]),
  ];
}
