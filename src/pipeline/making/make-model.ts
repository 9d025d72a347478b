/** A run that makes a model of a model: judged before and after, kept in a run directory, ended by a report. */
import type { Graph } from '../../ir/types.js';
import { findLayers } from '../../ops/layers.js';
import { addBeside } from '../../reconstruct/beside.js';
import type { PruneReport, PruneSettings } from '../../report/prune-report.js';
import { bake } from '../../rewrite/bake.js';
import { storedValues } from '../../rewrite/stored-values.js';
import { InputFiles } from '../../run/input-files.js';
import type { Manifest, RunDirectory } from '../../run/run-directory.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import { type Engine, startEngine } from '../engine.js';
import { memoryOf } from '../memory.js';
import type { PruneResult } from '../prune/loop.js';
import type { OutputRequest, PruneRequest, RunRequest } from '../prune/request.js';
import type { Scene } from '../prune/scene.js';
import type { ReconstructRequest } from '../reconstruct/request.js';
import { drawSelf, isSelf } from '../self-calibration.js';
import { workingCopy } from '../working-copy.js';
import { finish } from './finish.js';
import { checkGate, judgeQuality } from './judge.js';
import { inputsOf, manifestOf } from './manifest.js';
import { measureLatency } from './measure-latency.js';
import { inRun } from './model-run.js';
import type { Data } from './results.js';
import { Stopwatch } from './stopwatch.js';

export interface Making {
  readonly command: 'prune' | 'reconstruct';
  readonly request: PruneRequest | ReconstructRequest;
  readonly output: OutputRequest;
  readonly scene: Scene;
  readonly data: Data;
  /** What of the request the manifest holds besides what all commands have. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What of the request the report states. */
  settings(manifest: Manifest): PruneSettings;
  make(engine: Engine, run: RunDirectory, data: Data): Promise<PruneResult>;
}

export async function makeModel(making: Making, context: JobContext): Promise<PruneReport> {
  const { command, request, output, scene } = making;
  const watch = new Stopwatch();
  const engine = await startEngine(request.engine, context);
  context.signal.throwIfAborted();
  const inputs = new InputFiles(await inputsOf(scene, request, making.data, context.signal));
  const manifest = manifestOf(command, request, making.options, { files: inputs.files, data: making.data, engine });
  return inRun({ output, manifest, inputs, context }, async (run) => {
    const data = await withOwnText(making, engine, run, context);
    const { evaluation, engine: wanted, maxDrop } = request;
    const judging = { samples: data.evaluation, evaluation, wanted, engine, run, context };
    const judge = (stage: string, graph: () => Graph) =>
      watch.time(`evaluate ${stage}`, () => judgeQuality(judging, stage, graph));
    const dense = scene.pruned && (await judge('dense', () => scene.copy));
    const before = await judge('before', () => scene.pruned?.copy ?? scene.copy);
    const result = await watch.time(command, () => making.make(engine, run, data));
    const made = bakeResult(scene, result);
    const after = await judge('after', () => workingCopy(made));
    checkGate(command, maxDrop, before, after);
    const latency = (place: string) => latencyOf(request, place, scene, engine, context);
    const settings = making.settings(manifest);
    const facts = { command, request, output, scene, data, result, manifest, settings, watch };
    return finish({ ...facts, context, made, latency, run, qualities: { dense, before, after } });
  });
}

/** Text that the model says itself can only be drawn once there is an engine and a place to keep it. */
export async function withOwnText(
  { request, scene, data }: Pick<Making, 'request' | 'scene' | 'data'>,
  engine: Engine,
  run: RunDirectory,
  context: JobContext,
): Promise<Data> {
  const { calibration } = request;
  if (!calibration || !isSelf(calibration)) return data;
  return { ...data, calibration: await drawSelf(scene.copy, calibration, engine, run, context) };
}

function bakeResult({ model }: Scene, { tensors, added }: PruneResult): Graph {
  const values = storedValues(model.graph);
  const baked = bake(model.graph, new Map([...tensors].map(([name, t]) => [values.get(name)!, t])));
  return added && added.size > 0 ? addBeside(baked, findLayers(baked).layers, added) : baked;
}

const latencyOf = async (
  { model: before, engine: wanted, evaluation, calibration }: RunRequest,
  after: string,
  { model: { graph } }: Scene,
  engine: Engine,
  context: JobContext,
) => {
  const data = evaluation ?? (isSelf(calibration) ? undefined : calibration);
  return data && measureLatency(graph, { before, after, data, engine }, memoryOf(wanted), context);
};
