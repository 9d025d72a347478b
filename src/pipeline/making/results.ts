/** From what a prune run did and measured to the document it answers with. */
import type { Samples } from '../../data/index.js';
import type { Sizes } from '../../evaluate/index.js';
import type { Graph } from '../../ir/types.js';
import { patternOf } from '../../masks/patterns.js';
import type { Layer } from '../../ops/layers.js';
import { type Pruner, pruners } from '../../prune/index.js';
import { choiceText } from '../../regions/index.js';
import type {
  DataFacts,
  FileFacts,
  LayerReport,
  PruneReport,
  PruneSettings,
  QualityChange,
  Reproduction,
} from '../../report/prune-report.js';
import type { AddedReport } from '../../report/reconstruction-report.js';
import type { Manifest } from '../../run/run-directory.js';
import type { LayerPlan } from '../prune/layer-plan.js';
import type { PruneResult } from '../prune/loop.js';
import type { LayerFacts } from '../prune/region.js';
import type { OutputRequest, PruneRequest, RunRequest } from '../prune/request.js';
import { nodeOf, opOf, type Scene } from '../prune/scene.js';
import { figureOf, metricFacts, type Quality } from '../quality.js';
import { reconstructionReport, reconstructionSettings } from '../reconstruct/results.js';
import { addedParts } from './added-parts.js';
import type { LatencyPair } from './latency-job.js';
import type { Stopwatch } from './stopwatch.js';
import { timingOf } from './timing.js';
import { leftAlone, warningsOf } from './warnings.js';
import { countWeights, type WeightCounts } from './weight-counts.js';

/** What is measured of a model before and after. */
export interface Measured {
  readonly quality?: Quality;
  readonly sizes: Sizes;
  readonly sha256: string;
}

export interface Data {
  readonly calibration: Samples | undefined;
  readonly evaluation: Samples | undefined;
}

export interface Finished {
  readonly command: PruneReport['kind'];
  readonly request: RunRequest;
  readonly settings: PruneSettings;
  readonly output: OutputRequest;
  readonly scene: Scene;
  readonly data: Data;
  readonly result: PruneResult;
  /** The model's own graph with the new weights. */
  readonly made: Graph;
  readonly manifest: Manifest;
  readonly watch: Stopwatch;
  /** Of a model that was pruned before: what it was made from. */
  readonly dense?: Measured;
  readonly before: Measured;
  readonly after: Measured;
  /** Or why they were not measured. */
  readonly times: LatencyPair | string | undefined;
}

export function pruneReport(finished: Finished): PruneReport {
  const { command, request, settings, output, scene, data, result, manifest, watch, dense, before, after, times } =
    finished;
  const layers = layerReports(finished);
  const added = addedTo(finished);
  const { selected, whole } = counts(finished, added);
  const quality = before.quality && after.quality && qualityChange(before.quality, after.quality, dense?.quality);
  return {
    schemaVersion: 1,
    kind: command,
    model: {
      ...(dense && scene.pruned && { dense: fileFacts(scene.pruned.dense.path, dense) }),
      before: fileFacts(request.model, before),
      after: fileFacts(output.model, after),
    },
    settings,
    weights: whole,
    selected,
    ...(quality && { quality }),
    layers,
    ...(result.order && { order: result.order.report }),
    ...(result.reconstruction && { reconstruction: reconstructionReport(result.reconstruction, added?.report) }),
    skipped: scene.skipped,
    warnings: warningsOf(finished, layers),
    data: {
      ...(data.calibration && { calibration: dataFacts(data.calibration) }),
      ...(data.evaluation && { evaluation: dataFacts(data.evaluation) }),
    },
    reproduce: reproductionOf(request.commandLine, manifest),
    timing: timingOf(watch, times, result.reconstruction),
  };
}

function layerReports({ scene, result }: Finished): LayerReport[] {
  const regionOf = new Map(
    scene.schedule.regions.flatMap(({ name, layers }) => layers.map((layer) => [layer, name] as const)),
  );
  return scene.selected.map((layer) => {
    const facts = result.facts.get(layer.name) as LayerFacts;
    const plan = result.plans.get(layer.name) as LayerPlan;
    return layerReport(scene.stored.get(layer.name) as Layer, facts, plan, regionOf.get(layer));
  });
}

function layerReport(layer: Layer, facts: LayerFacts, plan: LayerPlan, region: string | undefined): LayerReport {
  const weights = layer.positions;
  const node = nodeOf(layer);
  return {
    name: layer.name,
    op: opOf(layer),
    shape: layer.stored.shape,
    weights,
    sparsity: { asked: plan.sparsity, before: facts.zerosBefore / weights, after: facts.zerosAfter / weights },
    weightError: facts.weightError,
    notes: notesOn(layer, facts),
    ...(node && { node }),
    ...(region && { region }),
    ...(facts.outputError !== undefined && { outputError: facts.outputError }),
  };
}

function notesOn({ role }: Layer, { notes, skipped }: LayerFacts): readonly string[] {
  if (skipped !== undefined) return [...notes, `${leftAlone}${skipped}`];
  return role === 'embedding-tied' ? [...notes, 'the embedding has the same weight and is pruned with it'] : notes;
}

interface Change {
  readonly before: WeightCounts;
  readonly after: WeightCounts;
}

function addedTo({ scene, made, result }: Finished): { report: AddedReport; nonZero: number } | undefined {
  if (!result.added || result.added.size === 0) return undefined;
  const { nonZero, ...parts } = addedParts(scene.model.graph, made);
  return { report: { layers: [...result.added.keys()], ...parts }, nonZero };
}

function counts({ scene, result }: Finished, added: ReturnType<typeof addedTo>): { selected: Change; whole: Change } {
  let [total, zerosBefore, zerosAfter] = [0, 0, 0];
  for (const layer of scene.selected) {
    const facts = result.facts.get(layer.name) as LayerFacts;
    total += layer.positions;
    zerosBefore += facts.zerosBefore;
    zerosAfter += facts.zerosAfter;
  }
  const all = countWeights(scene.model.graph, [...scene.stored.values()]);
  return {
    selected: { before: { total, nonZero: total - zerosBefore }, after: { total, nonZero: total - zerosAfter } },
    whole: {
      before: all,
      after: {
        total: all.total + (added?.report.parameters ?? 0),
        nonZero: all.nonZero - (zerosAfter - zerosBefore) + (added?.nonZero ?? 0),
      },
    },
  };
}

export function settingsOf(request: PruneRequest, manifest: Manifest): PruneSettings {
  const {
    method,
    pattern,
    group,
    allocation,
    selection,
    permute,
    statisticsFrom,
    regions,
    seed,
    layers,
    methodOptions,
  } = request;
  const pruner: Pruner = pruners[method];
  const { kind, overrides, ...details } = allocation;
  const fixed = overrides.map(({ layer, sparsity }) => [`sparsity of ${layer}`, sparsity] as const);
  return {
    method,
    pattern: patternOf(pattern).text,
    group: pattern.kind === 'n:m' ? `${pattern.m} inputs` : (group ?? pruner.group),
    allocation: kind,
    selection,
    ...(pruner.needs.length > 0 && { statisticsFrom }),
    regions: choiceText(regions),
    ...(request.reconstruction && { reconstruction: reconstructionSettings(request.reconstruction) }),
    seed,
    threads: manifest.threads,
    provider: manifest.provider,
    ...layers,
    options: Object.fromEntries(
      [...Object.entries({ ...methodOptions, ...details, ...(permute && { permute }) }), ...fixed].filter(
        ([, value]) => value !== undefined,
      ),
    ),
  };
}

/** How to do it again. */
export const reproductionOf = (command: readonly string[], { versions, platform }: Manifest): Reproduction => ({
  command,
  workingFolder: process.cwd(),
  versions: { ...versions, platform },
});

export const fileFacts = (
  path: string,
  { sizes: { bytes, gzipBytes }, sha256 }: Pick<Measured, 'sizes' | 'sha256'>,
): FileFacts => ({
  path,
  sha256,
  bytes,
  gzipBytes,
});

export function qualityChange(before: Quality, after: Quality, dense: Quality | undefined): QualityChange {
  const { title, better, isFraction } = metricFacts[before.metric];
  const figures = { before: figureOf(before), after: figureOf(after), ...(dense && { dense: figureOf(dense) }) };
  return { metric: title, better, ...(isFraction && { unit: 'fraction' }), ...figures };
}

export function dataFacts({ count, tokens, provenance: { files, description, seqLen } }: Samples): DataFacts {
  return {
    description,
    files,
    samples: count,
    ...(seqLen !== undefined && { seqLen }),
    ...(tokens && { tokens: tokens.shape.reduce((product, size) => product * size, 1) }),
  };
}
