/** The job of `scalpel prune`: a model and a request in, a pruned model and a report out. */
import { batchesOf, identify, type Samples } from '../data/index.js';
import { type ExitCode, exitCodes, UserError } from '../errors.js';
import { type LatencyOptions, sizes } from '../evaluate/index.js';
import type { Graph } from '../ir/types.js';
import { verify } from '../ir/verify.js';
import { createLinalg } from '../linalg/index.js';
import { patternOf } from '../masks/patterns.js';
import { load } from '../onnx/load.js';
import { save } from '../onnx/save.js';
import { type Pruner, pruners } from '../prune/index.js';
import { writeReport } from '../report/index.js';
import type { PruneReport } from '../report/prune-report.js';
import { bake } from '../rewrite/bake.js';
import { type Manifest, RunDirectory } from '../run/run-directory.js';
import { annotate } from '../runtime/annotate.js';
import type { JobContext } from '../runtime/job-protocol.js';
import { checkOutputs } from './check-outputs.js';
import { type Engine, startEngine } from './engine.js';
import { checkPlan, needsScores, planLayers } from './layer-plan.js';
import { measureLatency } from './measure-latency.js';
import { openCalibration, openData } from './open-data.js';
import { type PruneResult, pruneRegions } from './prune-loop.js';
import type { PrunePlan } from './prune-plan.js';
import type { OutputRequest, PruneRequest } from './prune-request.js';
import { type Data, type Measured, pruneReport } from './prune-results.js';
import { nodeOf, opOf, type Scene, setScene } from './prune-scene.js';
import { figureOf, measureQuality, type Quality, relativeDrop } from './quality.js';
import { Stopwatch } from './stopwatch.js';
import { platform, versions } from './versions.js';
import { workingCopy } from './working-copy.js';

/** @returns the report of a run, or the plan of a dry one. */
export async function run(request: PruneRequest, context: JobContext): Promise<PruneReport | PrunePlan> {
  checkPlan(request);
  if (request.output) checkOutputs(request.output);
  const scene = setScene(request);
  announce(scene, request, context);
  const data = {
    calibration: request.calibration && (await openCalibration(scene.copy, request.model, request.calibration)),
    evaluation: request.evaluation && (await openData(scene.copy, request.model, request.evaluation)),
  };
  if (!request.output) return dryRun(scene, request);
  return pruneModel(request, request.output, scene, data, context);
}

async function pruneModel(
  request: PruneRequest,
  output: OutputRequest,
  scene: Scene,
  data: Data,
  context: JobContext,
): Promise<PruneReport> {
  const watch = new Stopwatch();
  const engine = await startEngine(request.engine, context);
  const manifest = await manifestOf(request, data, engine);
  const directory = RunDirectory.open(output.run, manifest);
  // an interrupted run can go on; a finished or refused one has nothing to keep
  let isWorthKeeping = true;
  try {
    if (directory.resumed) say(context, `resuming the run in ${output.run}`);
    const judge = (graph: Graph, stage: string) =>
      watch.time(stage, () => judgeQuality(graph, request, data, engine, context, stage));
    const before = await judge(scene.copy, 'evaluate before');
    const result = await watch.time('prune', () => pruneScene(request, scene, data, engine, directory, context));
    const pruned = bakeResult(scene, result);
    const after = await judge(workingCopy(pruned), 'evaluate after');
    checkGate(request, before, after);
    await watch.time('save', () => save({ ...scene.model, graph: pruned }, output.model, { force: output.force }));
    verify(load(output.model).graph);
    const measure = async (path: string, quality: Quality | undefined): Promise<Measured> => ({
      ...(quality && { quality }),
      sizes: await sizes(path),
      sha256: (await identify([path]))[0]?.sha256 ?? '',
    });
    const tell = (done: number): void =>
      context.emit({ type: 'progress', stage: 'measure size and speed', done, total: 2 });
    tell(0);
    const files = await watch.time('measure sizes', async () => ({
      before: await measure(request.model, before),
      after: await measure(output.model, after),
    }));
    tell(1);
    const measured = { ...engine, signal: context.signal };
    const times = await watch.time('measure latency', () => latencyOf(scene.model.graph, pruned, data, measured));
    tell(2);
    const report = pruneReport({ request, output, scene, data, result, manifest, watch, ...files, times });
    await writeReport(report, output.report, output);
    isWorthKeeping = false;
    return report;
  } catch (error) {
    isWorthKeeping = directory.hasCheckpoints && !hasCode(error, exitCodes.gate);
    throw isWorthKeeping && hasCode(error, exitCodes.interrupted) ? resumable(output.run) : error;
  } finally {
    directory.close(isWorthKeeping || output.keepRun);
  }
}

async function manifestOf(request: PruneRequest, { calibration, evaluation }: Data, engine: Engine): Promise<Manifest> {
  const {
    output: _output,
    commandLine: _commandLine,
    engine: _engine,
    calibration: _c,
    evaluation: _e,
    maxDrop: _maxDrop,
    ...options
  } = request;
  const data = [...(calibration?.provenance.files ?? []), ...(evaluation?.provenance.files ?? [])];
  const files = [...(await identify([request.model])), ...data];
  return {
    schemaVersion: 1,
    command: 'prune',
    versions: versions(),
    platform: platform(),
    provider: engine.provider,
    threads: engine.threads,
    files: files.map(({ path, sha256 }) => ({ path, sha256 })),
    options: {
      ...options,
      pattern: patternOf(request.pattern).text,
      batch: request.engine.batch ?? null,
      calibration: calibration?.provenance.description ?? null,
    },
  };
}

async function pruneScene(
  request: PruneRequest,
  scene: Scene,
  { calibration }: Data,
  engine: Engine,
  run: RunDirectory,
  context: JobContext,
): Promise<PruneResult> {
  const pruner: Pruner = pruners[request.method];
  const linalg = await createLinalg({ threads: engine.threads });
  try {
    const { copy: graph, stored, selected, schedule, blocks } = scene;
    const work = { request, pruner, stored, linalg, run, context, graph, selected, schedule, blocks };
    if (!calibration || !(pruner.needs.length > 0 || needsScores(request))) return await pruneRegions(work);
    const types = await annotate(graph);
    const batches = batchesOf(calibration, request.engine.batch ?? calibrationBatch(calibration));
    return await pruneRegions({ ...work, calibration: { batches, types, engine } });
  } finally {
    await linalg.release();
  }
}

/** Runs of about two thousand tokens, or of 32 samples: larger ones are hardly faster and hold more memory. */
const calibrationBatch = ({ tokens }: Samples): number =>
  tokens ? Math.max(1, Math.floor(2048 / (tokens.shape[1] as number))) : 32;

const bakeResult = ({ model, stored }: Scene, { tensors }: PruneResult): Graph =>
  bake(model.graph, new Map([...tensors].map(([name, t]) => [stored.get(name)?.weight as never, t])));

async function judgeQuality(
  graph: Graph,
  { evaluation, engine: { batch } }: PruneRequest,
  { evaluation: samples }: Data,
  engine: Engine,
  context: JobContext,
  stage: string,
): Promise<Quality | undefined> {
  if (!samples || !evaluation) return undefined;
  const tell = (done: number, total: number): void =>
    context.emit({ type: 'progress', stage, done, total, unit: 'samples' });
  tell(0, samples.count);
  return measureQuality(graph, samples, evaluation.metric, {
    ...engine,
    ...(batch !== undefined && { batch }),
    signal: context.signal,
    onBatch: tell,
  });
}

/** @throws UserError (exit 4) when quality fell by more than was allowed; nothing has been written then. */
function checkGate({ maxDrop }: PruneRequest, before: Quality | undefined, after: Quality | undefined): void {
  if (maxDrop === undefined || !before || !after) return;
  const drop = relativeDrop(before, after);
  if (drop <= maxDrop) return;
  const [was, is] = [figureOf(before).toPrecision(5), figureOf(after).toPrecision(5)];
  throw new UserError(
    'prune',
    `expected ${before.metric} to get worse by at most ${maxDrop} of ${was}, got ${is} (${drop.toPrecision(3)}); nothing was written: prune less, or choose another method`,
    { exitCode: exitCodes.gate },
  );
}

const latencyOf = async (before: Graph, after: Graph, { evaluation, calibration }: Data, engine: LatencyOptions) => {
  const samples = evaluation ?? calibration;
  return samples && measureLatency(before, after, samples, engine);
};

const hasCode = (error: unknown, code: ExitCode): boolean => error instanceof UserError && error.exitCode === code;

const resumable = (run: string): UserError =>
  new UserError('interrupted', `the finished regions are kept in ${run}; the same command again goes on from there`, {
    exitCode: exitCodes.interrupted,
  });

const say = (context: JobContext, text: string): void => context.emit({ type: 'log', level: 'info', text });

function announce({ selected, matches, schedule }: Scene, request: PruneRequest, context: JobContext): void {
  for (const { pattern, layers } of matches) say(context, `'${pattern}' matches ${layers.join(', ')}`);
  const count = schedule.regions.length;
  say(context, `${request.method} ${patternOf(request.pattern).text} on ${selected.length} layers in ${count} regions`);
}

async function dryRun(scene: Scene, request: PruneRequest): Promise<PrunePlan> {
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
  criterion: () => Promise.reject(new Error('a dry run has no scores')),
  wanda: () => Promise.reject(new Error('a dry run has no scores')),
};
