/** The job of `scalpel shrink --dry-run`: what could go and what not, and what taking it out would take. */
import type { Samples } from '../../data/index.js';
import type { GroupReport, ShrinkReport } from '../../report/shrink-report.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import { startEngine } from '../engine.js';
import { peakMemory } from '../peak-memory.js';
import { calibrationBatch } from '../prune/job.js';
import { openShrink } from '../shrink/job.js';
import { maskingBy } from '../shrink/refit.js';
import type { ShrinkRequest } from '../shrink/request.js';
import type { DryRun, EstimatedPart, Expected } from './dry-run.js';
import { forwardPart } from './forward.js';
import { evaluationParts, fitCrossings, lookAtOutputs, outputBytes, outputParts, type Trials } from './making.js';
import { DryRunNotes } from './notes.js';
import { tryReconstruction } from './reconstruction.js';
import { tryRetraining } from './retrain.js';
import { tryOut } from './trial.js';

/** What could go, with what a dry run found out. */
export interface ShrinkDryRun extends Omit<DryRun, 'kind'> {
  readonly kind: 'shrink-plan';
  readonly model: string;
  /** With as many units left as the same share of each leaves; all of them where scores or a search decide. */
  readonly groups: readonly GroupReport[];
  readonly left: ShrinkReport['left'];
}

/** @throws UserError where the model, the data or the provider cannot be had, or nothing can go: the command would end there too. */
export async function run(request: ShrinkRequest, context: JobContext): Promise<ShrinkDryRun> {
  const notes = new DryRunNotes('shrink');
  const { subject, data } = await openShrink(request, context);
  const { model, copy, groups, left, look } = subject;
  notes.model(model);
  await lookAtOutputs(notes, { scene: subject.space, request });
  const { calibration, evaluation } = data;
  if (calibration) notes.data('calibration', calibration);
  if (evaluation) notes.data('evaluation', evaluation);
  if (request.calibration && !calibration) notes.unsaid();
  if (request.amount.kind === 'target') notes.warn('the search for the target is not in the estimate');
  const engine = await startEngine(request.engine, context);
  const trials = { scene: subject.fit(), request, calibration, evaluation, engine, context };
  const observed =
    calibration &&
    look &&
    (await notes.run(copy, () =>
      tryOut(calibration, calibrationBatch(calibration), (few) => look.run(few, engine, context.signal)),
    ));
  const parts: EstimatedPart[] =
    calibration && look && observed ? [forwardPart('observe', calibration, observed, look.times)] : [];
  const found = notes.finish(request.engine, await tryAll(notes, trials, calibration, parts));
  return { ...found, kind: 'shrink-plan', model: request.model, groups, left };
}

/** Undefined where a trial did not go through. */
async function tryAll(
  notes: DryRunNotes,
  trials: Trials<ShrinkRequest>,
  calibration: Samples | undefined,
  observing: readonly EstimatedPart[],
): Promise<Expected | undefined> {
  const { scene, request } = trials;
  const { reconstruction } = request;
  const evaluated = await evaluationParts(notes, trials);
  if (!evaluated) return undefined;
  const parts = [...observing, ...evaluated, ...outputParts(trials)];
  if (!reconstruction || !calibration) return { parts, memoryBytes: peakMemory(), diskBytes: outputBytes(trials) };
  const own = { ...trials, reconstruction, calibration };
  const fitted = reconstruction.retrain
    ? await tryRetraining(notes, { ...own, graph: scene.copy })
    : await tryReconstruction(notes, {
        ...own,
        schedule: scene.schedule,
        masking: () => maskingBy(new Map(), scene),
      });
  if (!fitted) return undefined;
  const { files } = await fitCrossings(request, calibration, scene);
  return { parts: [...parts, ...fitted], memoryBytes: peakMemory(), diskBytes: files + outputBytes(trials) };
}
