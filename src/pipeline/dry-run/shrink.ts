/** The job of `scalpel shrink --dry-run`: what could go and what not, and what taking it out would take. */
import { observe } from '../../calibrate/observe.js';
import { batchesOf, type Samples } from '../../data/index.js';
import { type UnitCriterion, unitCriteria } from '../../prune/units/index.js';
import type { GroupReport, ShrinkReport } from '../../report/shrink-report.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import { startEngine } from '../engine.js';
import { peakMemory } from '../peak-memory.js';
import { calibrationBatch } from '../prune/job.js';
import { fitScene, spaceScene } from '../shrink/fit-scene.js';
import { openShrink } from '../shrink/job.js';
import { maskingBy } from '../shrink/refit.js';
import type { ShrinkRequest } from '../shrink/request.js';
import { groupReports } from '../shrink/results.js';
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
  /** With all their units left. */
  readonly groups: readonly GroupReport[];
  readonly left: ShrinkReport['left'];
}

/** @throws UserError where the model, the data or the provider cannot be had, or nothing can go: the command would end there too. */
export async function run(request: ShrinkRequest, context: JobContext): Promise<ShrinkDryRun> {
  const notes = new DryRunNotes('shrink');
  const { scene, data } = await openShrink(request, context);
  notes.model(scene.model);
  await lookAtOutputs(notes, { scene: spaceScene(scene, request), request });
  const { calibration, evaluation } = data;
  if (calibration) notes.data('calibration', calibration);
  if (evaluation) notes.data('evaluation', evaluation);
  if (request.calibration && !calibration) notes.unsaid();
  if (request.amount.kind === 'target') notes.warn('the search for the target is not in the estimate');
  const engine = await startEngine(request.engine, context);
  const whole = fitScene(scene, request.reconstruction ?? { regions: 'block', retrain: true });
  const trials = { scene: whole, request, calibration, evaluation, engine, context };
  const layers = [...new Set(scene.groups.flatMap(({ holdings }) => holdings.reads.map(({ layer }) => layer)))];
  const criterion: UnitCriterion = unitCriteria[request.criterion];
  const looks = criterion.needs.length > 0 || request.compensate;
  const observed =
    calibration && looks
      ? await notes.run(scene.copy, () =>
          tryOut(calibration, calibrationBatch(calibration), (few) =>
            observe(scene.flows.graph, layers, ['columnNorm', 'columnSum'], batchesOf(few, few.count), {
              ...engine,
              signal: context.signal,
            }),
          ),
        )
      : undefined;
  const parts: EstimatedPart[] =
    calibration && observed ? [forwardPart('observe', calibration, observed, slopeTimes(criterion))] : [];
  const found = notes.finish(request.engine, await tryAll(notes, trials, calibration, parts));
  const living = scene.groups.map(({ group }) => new Uint8Array(group.units.size).fill(1));
  return { ...found, kind: 'shrink-plan', model: request.model, groups: groupReports(scene, living), left: scene.left };
}

/** A gradient takes about three times what its model does. */
const slopeTimes = ({ needs }: UnitCriterion): number => (needs.includes('slopes') ? 3 : 1);

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
