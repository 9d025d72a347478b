/** From what attacks found to the document of the run. */
import { type AttackName, attackNamed, isTargeted, nameOf } from '../../attack/index.js';
import { compareAttacks } from '../../attack/metrics/comparison.js';
import { type Interpretability, interpretabilitiesOf } from '../../attack/metrics/interpretability.js';
import { type Outcome, outcomesOf } from '../../attack/metrics/outcome.js';
import { type Pass as PassOutcomes, summarize } from '../../attack/metrics/summary.js';
import { suspicionsOf } from '../../attack/suspicions.js';
import { UserError } from '../../errors.js';
import { sizes } from '../../evaluate/index.js';
import type { AttackReport, AttackReportPart } from '../../report/attack-report.js';
import { dataFacts, fileFacts, reproductionOf } from '../making/results.js';
import { peakMemory } from '../peak-memory.js';
import type { Finished } from './finish.js';
import type { Pass } from './passes.js';
import { usualBatch } from './request.js';

/** @returns the document, and the outcomes of each pass in order. */
export async function attackReport(
  work: Finished,
): Promise<{ readonly report: AttackReport; readonly outcomes: readonly (readonly Outcome[])[] }> {
  const { request, scene, ground, levels, engine, manifest, passes, watch, context } = work;
  const { network, subjects, bounds } = ground;
  const warnings = [...(await suspicionsOf(ground, { batch: usualBatch, seed: request.seed }))];
  const seen = await interpretabilities(work, warnings);
  const outcomes = passes.map(({ findings }, i) => outcomesOf(findings, ground, seen[i]));
  const ran = request.attacks.filter(({ name }) => passes.some(({ attack }) => attack === name));
  const named = ran.map(({ name }) => ({
    name,
    passes: passes.flatMap((pass, i): PassOutcomes[] =>
      pass.attack === name
        ? [{ goal: nameOf(pass.goal), targeted: isTargeted(pass.goal), outcomes: outcomes[i]! }]
        : [],
    ),
  }));
  const attacks = named.map((each) => partOf(each.name, each.passes, passes, request.bisect));
  const { kind, channels, height, width } = network.space;
  const report: AttackReport = {
    schemaVersion: 1,
    kind: 'attack',
    found: outcomes.flat().filter(({ success }) => success).length,
    model: {
      file: fileFacts(request.model, {
        sizes: await sizes(request.model, context.signal),
        sha256: manifest.files[0]!.sha256,
      }),
      input: network.moving.name,
      space: { kind, channels, height, width },
      scores: network.scores,
      classes: network.classes,
      notes: network.notes,
    },
    data: {
      ...dataFacts(scene.samples),
      looked: subjects.looked,
      misclassified: subjects.misclassified.length,
      attacked: subjects.count,
      ...(scene.samples.classes && { classes: scene.samples.classes }),
      ...(!scene.samples.labels && { unlabelled: true }),
      ...featureNames(work),
    },
    settings: {
      goals: [...new Set(passes.map(({ goal }) => nameOf(goal)))],
      bounds: boundsText(bounds),
      ...(request.mask !== undefined && { mask: request.mask }),
      ...(levels !== undefined && { levels }),
      ...(request.limits.queries !== undefined && { queries: request.limits.queries }),
      ...(request.limits.seconds !== undefined && { seconds: request.limits.seconds }),
      batch: request.engine.batch ?? usualBatch,
      seed: request.seed,
      threads: engine.threads,
      provider: engine.provider,
      ...(request.chunk && { chunk: { part: request.chunk.index + 1, parts: request.chunk.parts } }),
    },
    attacks,
    ...(named.length > 1 && { comparison: compareAttacks(named) }),
    warnings,
    leftOut: work.leftOut,
    request,
    reproduce: reproductionOf(request.commandLine, manifest),
    timing: {
      finishedAt: new Date().toISOString(),
      totalSeconds: watch.totalSeconds,
      peakMemoryBytes: peakMemory(),
      stages: watch.stages,
      attacks: passes.map(({ attack, goal, findings, milliseconds, modelMilliseconds }) => ({
        name: attack,
        goal: nameOf(goal),
        seconds: milliseconds / 1000,
        modelSeconds: modelMilliseconds / 1000,
        secondsPerExample: milliseconds / 1000 / Math.max(1, findings.length),
      })),
    },
  };
  return { report, outcomes };
}

function partOf(
  name: AttackName,
  own: readonly PassOutcomes[],
  passes: readonly Pass[],
  bisect: boolean,
): AttackReportPart {
  const { family, paper, needs, budget } = attackNamed(name);
  return {
    ...{ name, family, paper, needs },
    options: passes.find(({ attack }) => attack === name)?.options ?? {},
    ...(bisect && budget !== undefined && { bisected: budget }),
    summary: summarize(own.filter(({ outcomes }) => outcomes.length > 0)),
    passes: own.map(({ goal, outcomes }) => ({ goal, examples: outcomes })),
  };
}

/** A model without gradients has no such figures, which its attacks do not need either. */
async function interpretabilities({ passes, ground, request, context }: Finished, warnings: string[]) {
  const made: (readonly (Interpretability | undefined)[])[] = [];
  try {
    for (const { findings } of passes)
      made.push(
        await interpretabilitiesOf(findings, ground, {
          batch: request.engine.batch ?? usualBatch,
          signal: context.signal,
        }),
      );
  } catch (error) {
    if (!(error instanceof UserError) || context.signal.aborted) throw error;
    warnings.push(`no interpretability scores: ${error.message}`);
  }
  return made;
}

/** Of a table's row, where it is what moves. */
function featureNames({ scene: { samples }, ground: { network } }: Finished) {
  const features = samples.features?.get(network.moving.name);
  return features?.length === network.space.size ? { features } : {};
}

function boundsText({ lower, upper, description }: Finished['ground']['bounds']): string {
  const [low, high] = [lower.reduce((a, b) => Math.min(a, b)), upper.reduce((a, b) => Math.max(a, b))];
  const isOne = lower.every((value) => value === lower[0]) && upper.every((value) => value === upper[0]);
  return `${isOne ? '' : 'within '}${short(low)} to ${short(high)}, ${description}`;
}

const short = (value: number): string => String(Number(value.toPrecision(6)));
