/** The job of `scalpel bench`: several models on the same inputs, timed in turn, loaded afresh and compared. */
import { UserError } from '../../errors.js';
import type { BenchReport } from '../../report/bench-report.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import { type Engine, startEngine } from '../engine.js';
import { Stopwatch } from '../making/stopwatch.js';
import { memoryOf, sessionBytes } from '../memory.js';
import { type BenchFigures, benchModels, figuresOf, leastRounds } from './bench-models.js';
import type { FreshLoad } from './fresh-load.js';
import { freshLoads } from './fresh-loads.js';
import { checkBenchOutput, writeBench } from './output.js';
import { outputsBeside } from './outputs.js';
import type { BenchRequest } from './request.js';
import { benchReport, machineNow } from './results.js';
import { type BenchScene, benchScene } from './scene.js';

export async function run(request: BenchRequest, context: JobContext): Promise<BenchReport> {
  const watch = new Stopwatch();
  const machine = machineNow();
  const scene = await watch.time('open', () => benchScene(request));
  await checkBenchOutput(request, scene);
  const engine = await startEngine(request.engine, context);
  const measured = await measure({ request, scene, engine, watch, context });
  const report = await benchReport({ request, scene, engine, watch, machine, ...measured, signal: context.signal });
  if (request.output) await writeBench(report, request.output, context.signal);
  return report;
}

interface Work {
  readonly request: BenchRequest;
  readonly scene: BenchScene;
  readonly engine: Engine;
  readonly watch: Stopwatch;
  readonly context: JobContext;
}

async function measure(work: Work) {
  const { request, scene, engine, watch, context } = work;
  const { models, samples } = scene;
  const batch = request.engine.batch ?? 1;
  const compared = { ...engine, batch, signal: context.signal };
  const outputs = await watch.time('compare outputs', () => outputsBeside(models, samples, compared));
  if (!request.isolate) {
    checkMemory(work);
    const figures = await watch.time('time', () => timedTogether(work));
    return { outputs, figures, loads: await watch.time('load', () => loadedAfresh(work)) };
  }
  const loads = await watch.time('time', () => timedApart(work));
  const rounds = loads.map((each) => each.map(({ costs }) => costs));
  return { outputs, loads, figures: await figuresOf(request.models, rounds, sizeOfRun(work), context.signal) };
}

const sizeOfRun = ({ request, scene: { samples } }: Work): number =>
  samples.fixedBatch ?? Math.min(request.engine.batch ?? 1, samples.count);

const tell =
  ({ context }: Work, stage: string, unit: string) =>
  (done: number, total: number): void =>
    context.emit({ type: 'progress', stage, done, total, unit });

function checkMemory({ request, scene }: Work): void {
  const needed = sessionBytes(scene.models.map(({ graph }) => graph));
  const memory = memoryOf(request.engine);
  if (needed <= memory) return;
  const [wanted, given] = [needed, memory].map((bytes) => `${(bytes / 1e9).toFixed(1)} GB`);
  throw new UserError(
    'bench',
    `the models together would take ${wanted}, more than the ${given} planned with; add --isolate, or raise --memory`,
  );
}

function timedTogether(work: Work): Promise<BenchFigures[]> {
  const { request, scene, engine, context } = work;
  const { models, runs, seconds, warmUp, seed } = request;
  const onRound = tell(work, 'time', 'rounds');
  onRound(0, runs);
  return benchModels(models, scene.samples, {
    ...{ ...engine, batch: request.engine.batch ?? 1, runs, warmUp, seed, onRound },
    ...{ milliseconds: 1000 * seconds, signal: context.signal },
  });
}

/** Timed runs of a process at most, and how long they may take. */
const runsApart = 20;
const millisecondsApart = 500;

/** Each round a process for each model. */
function timedApart(work: Work): Promise<FreshLoad[][]> {
  const { request, scene, engine, context } = work;
  const { runs, seconds, warmUp, seed } = request;
  const onRound = tell(work, 'time', 'rounds');
  onRound(0, runs);
  const options = {
    batch: request.engine.batch ?? 1,
    each: { engine, warmUp, runs: runsApart, milliseconds: millisecondsApart },
    rounds: { rounds: runs, leastRounds: Math.min(runs, leastRounds), milliseconds: 1000 * seconds, seed, onRound },
  };
  return freshLoads(request.models, scene.samples, options, context);
}

async function loadedAfresh(work: Work): Promise<FreshLoad[][] | undefined> {
  const { request, scene, engine, context } = work;
  const { loads, seed } = request;
  if (loads === 0) return undefined;
  const onRound = tell(work, 'load', 'rounds');
  onRound(0, loads);
  const options = {
    batch: request.engine.batch ?? 1,
    each: { engine, warmUp: 0, runs: 0, milliseconds: 0 },
    rounds: { rounds: loads, leastRounds: loads, seed, onRound },
  };
  return freshLoads(request.models, scene.samples, options, context);
}
