/** The job of `scalpel shrink`: a model and a request in, the model without some of its units or blocks and a report out. */

import { workingCopy as preparedCopy } from '../../autodiff/prepare.js';
import { exitCodes, UserError, unsupported } from '../../errors.js';
import { sizes } from '../../evaluate/index.js';
import { hashFile } from '../../files/hash.js';
import type { Stage } from '../../files/stage.js';
import type { Graph } from '../../ir/types.js';
import { verify } from '../../ir/verify.js';
import { load } from '../../onnx/load.js';
import { stageModel } from '../../onnx/save.js';
import type { ShrinkReport } from '../../report/shrink-report.js';
import { stageShrinkReport } from '../../report/write-report.js';
import { InputFiles } from '../../run/input-files.js';
import type { RunDirectory } from '../../run/run-directory.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import { startEngine } from '../engine.js';
import { checkPlaces } from '../making/check-outputs.js';
import { checkGate, judgeQuality } from '../making/judge.js';
import { inputsOf, manifestFor } from '../making/manifest.js';
import { measureLatency } from '../making/measure-latency.js';
import { checkModelOutputs } from '../making/model-outputs.js';
import { inRun } from '../making/model-run.js';
import { publish } from '../making/publish.js';
import type { Data, Measured } from '../making/results.js';
import { Stopwatch } from '../making/stopwatch.js';
import { memoryOf } from '../memory.js';
import { openData, openGivenCalibration } from '../open-data.js';
import { openModel } from '../open-model.js';
import type { Quality } from '../quality.js';
import { drawSelf, isSelf } from '../self-calibration.js';
import { flatCopy } from '../working-copy.js';
import { blockSubject } from './blocks/subject.js';
import { prove } from './prove.js';
import type { ShrinkRequest } from './request.js';
import { amountText, shrinkReport } from './results.js';
import type { Subject } from './subject.js';
import { unitSubject } from './units.js';

type Request = ShrinkRequest & { readonly output: NonNullable<ShrinkRequest['output']> };

export async function run(request: Request, context: JobContext): Promise<ShrinkReport> {
  const { output } = request;
  checkPlaces(output);
  const { subject, data } = await openShrink(request, context);
  await checkModelOutputs(subject.space, request, output);
  const watch = new Stopwatch();
  const engine = await startEngine(request.engine, context);
  context.signal.throwIfAborted();
  const inputs = new InputFiles(await inputsOf(subject, request, data, context.signal));
  const manifest = manifestFor('shrink', engine, inputs.files, manifestOptions(request, data));
  return inRun({ output, manifest, inputs, context }, async (directory) => {
    const drawn = await withOwnText(request, subject, data, engine, directory, context);
    const { evaluation, engine: wanted, maxDrop } = request;
    const judging = { samples: drawn.evaluation, evaluation, wanted, engine, run: directory, context };
    const judge = (stage: string, graph: () => Graph) =>
      watch.time(`evaluate ${stage}`, () => judgeQuality(judging, stage, graph));
    const before = await judge('before', () => subject.copy);
    const work = { data: drawn, engine, run: directory, context };
    const decided = await watch.time(`choose ${request.takes}`, () => subject.decide(work));
    if (!decided.goes) throw nothingGoes(request, decided.advice);
    const { reconstruction } = request;
    const found =
      reconstruction && drawn.calibration
        ? await watch.time('reconstruct', () => decided.refit(reconstruction, drawn.calibration!))
        : undefined;
    const made = decided.made(new Map([...decided.tensors, ...(found?.tensors ?? [])]));
    const after = await judge('after', () => preparedCopy(flatCopy(made.small)));
    checkGate('shrink', maxDrop, before, after);
    const stages: Stage[] = [];
    try {
      const model = { ...made.model, graph: made.small };
      stages.push(await watch.time('save', () => stageModel(model, output.model, context.signal)));
      const place = stages[0]!.files.at(-1)!.place;
      const small = load(place).graph;
      verify(small);
      const samples = drawn.evaluation ?? drawn.calibration;
      const proof = await watch.time('prove', () =>
        prove(preparedCopy(flatCopy(small)), made.masked, samples, request.seed, engine),
      );
      const [was, is] = [await figures(request.model, before, context), await figures(place, after, context)];
      const asked = request.evaluation ?? (isSelf(request.calibration) ? undefined : request.calibration);
      const times =
        asked &&
        (await watch.time('measure latency', () =>
          measureLatency(
            subject.model.graph,
            { before: request.model, after: place, data: asked, engine },
            memoryOf(wanted),
            context,
          ),
        ));
      const facts = { request, subject, decided, data: drawn, proof, before: was, after: is, times, manifest, watch };
      const report = shrinkReport({ ...facts, reconstruction: found });
      stages.push(await stageShrinkReport(report, output.report));
      await publish(stages, directory, output.force, context.signal);
      return report;
    } finally {
      for (const each of stages) each.discard();
    }
  });
}

/** Everything that can be refused before anything is computed. */
export async function openShrink(
  request: ShrinkRequest,
  context: JobContext,
): Promise<{ readonly subject: Subject; readonly data: Data }> {
  const model = openModel(request.model);
  const subject = request.takes === 'units' ? await unitSubject(model, request) : await blockSubject(model, request);
  context.emit({
    type: 'log',
    level: 'info',
    text: `${request.criterion} ${amountText(request.amount)} on ${subject.summary}`,
  });
  const calibration = await openGivenCalibration(subject.copy, request.model, request.calibration);
  context.signal.throwIfAborted();
  const evaluation = request.evaluation && (await openData(subject.copy, request.model, request.evaluation));
  context.signal.throwIfAborted();
  return { subject, data: { calibration, evaluation } };
}

async function withOwnText(
  { calibration }: ShrinkRequest,
  { copy }: Subject,
  data: Data,
  engine: Awaited<ReturnType<typeof startEngine>>,
  run: RunDirectory,
  context: JobContext,
): Promise<Data> {
  if (!calibration || !isSelf(calibration)) return data;
  return { ...data, calibration: await drawSelf(copy, calibration, engine, run, context) };
}

const manifestOptions = (request: ShrinkRequest, data: Data): Readonly<Record<string, unknown>> => {
  const { output: _, commandLine: __, calibration, evaluation: ___, engine, maxDrop: ____, ...options } = request;
  return {
    ...options,
    batch: engine.batch ?? null,
    activations: engine.activations ?? 'float32',
    calibration: data.calibration?.provenance.description ?? calibration ?? null,
  };
};

async function figures(path: string, quality: Quality | undefined, { signal }: JobContext): Promise<Measured> {
  return { ...(quality && { quality }), sizes: await sizes(path, signal), sha256: await hashFile(path, signal) };
}

const nothingGoes = ({ amount, takes }: ShrinkRequest, advice: string): UserError =>
  amount.kind === 'target'
    ? new UserError(
        'shrink',
        `expected a model that is above ${amountText(amount)}, got one that is there already; nothing was written`,
        { exitCode: exitCodes.gate },
      )
    : unsupported('shrink', `expected ${takes} to go at sparsity ${amount.sparsity}, got none: ${advice}`);
