/** From what methods found to the document of the run. */
import { explainerNamed, type Finding, type Outcome, outcomesOf } from '../../counterfactual/index.js';
import { sizes } from '../../evaluate/index.js';
import { rowAt } from '../../oracle/packed.js';
import { figureNames } from '../../report/explain-form.js';
import type { Counterfactual, ExplainedInstance, ExplainedMethod, ExplainReport } from '../../report/explain-report.js';
import { sentenceOf } from '../../report/explain-sentence.js';
import { isNumber, type Schema } from '../../schema/index.js';
import { shortest } from '../../tensor/shortest.js';
import { dataFacts, fileFacts, reproductionOf } from '../making/results.js';
import { peakMemory } from '../peak-memory.js';
import { changesOf } from './changes.js';
import type { Finished } from './finish.js';
import { type CompanionPaths, usualBatch } from './request.js';
import { goalText, saysOf, wantedText } from './says.js';
import { summaryOf } from './summaries.js';

export async function explainReport(work: Finished): Promise<ExplainReport> {
  const { request, scene, ground, engine, manifest, passes, watch, context } = work;
  const { network, instances, features, wish } = ground;
  const { schema } = features;
  const { classes } = scene.samples;
  const methods: ExplainedMethod[] = [];
  for (const { method, options, findings } of passes) {
    const { paper, asks } = explainerNamed(method);
    const outcomes = await outcomesOf(findings, ground, { several: request.several?.count });
    const told = outcomes.map((outcome, place) => instanceOf(outcome, place, work));
    methods.push({
      ...{ name: method, paper, asks, options },
      summary: summaryOf(outcomes, told, schema),
      instances: told,
    });
  }
  const { kind, channels, height, width } = network.space;
  const found = methods.map((each) => new Set(each.instances.filter((one) => one.found).map(({ sample }) => sample)));
  return {
    schemaVersion: 1,
    kind: 'explain',
    found: new Set(found.flatMap((each) => [...each])).size,
    model: {
      file: fileFacts(request.model, {
        sizes: await sizes(request.model, context.signal),
        sha256: manifest.files[0]!.sha256,
      }),
      input: network.moving.name,
      space: { kind, channels, height, width },
      scores: network.scores,
      classes: network.classes,
      notes: [...network.notes],
    },
    data: {
      ...dataFacts(scene.samples),
      looked: instances.looked,
      already: instances.already,
      elsewhere: instances.elsewhere,
      explained: instances.count,
      ...(classes && { classes: [...classes] }),
    },
    ...(ground.reference && { reference: dataFacts(scene.reference) }),
    ...(schema && {
      columns: [...schema.columns],
      features: featuresOf(schema),
      constraints: schema.constraints.map(({ text }) => text),
    }),
    settings: {
      goal: goalText(wish, classes),
      bounds: ground.bounds.description,
      ...(request.schema !== undefined && { schema: request.schema }),
      ...(request.mask !== undefined && { mask: request.mask }),
      companions: companionNames(request.companions),
      ...(request.several && { counterfactuals: request.several.count, diversity: request.several.choice }),
      keep: request.keep ?? 'objective',
      ...(request.limits.queries !== undefined && { queries: request.limits.queries }),
      ...(request.limits.seconds !== undefined && { seconds: request.limits.seconds }),
      batch: request.engine.batch ?? usualBatch,
      seed: request.seed,
      ...(engine.threads !== undefined && { threads: engine.threads }),
      provider: engine.provider,
    },
    methods,
    warnings: [...work.warnings],
    reproduce: reproductionOf(request.commandLine, manifest),
    timing: {
      finishedAt: new Date().toISOString(),
      totalSeconds: watch.totalSeconds,
      peakMemoryBytes: peakMemory(),
      stages: [...watch.stages],
      methods: passes.map(({ method, milliseconds, modelMilliseconds }) => ({
        name: method,
        seconds: milliseconds / 1000,
        modelSeconds: modelMilliseconds / 1000,
        secondsPerInstance: milliseconds / 1000 / instances.count,
      })),
    },
  };
}

function instanceOf(outcome: Outcome, place: number, work: Finished): ExplainedInstance {
  const { ground, scene } = work;
  const { instances, network, features, model } = ground;
  const { classes } = scene.samples;
  const input = rowAt(instances.inputs, network.space.size, place);
  const { id, success, reason, remark, target, forwards, backwards } = outcome;
  const now = saysOf(rowAt(instances.logits, model.classes, place), ground, classes);
  return {
    sample: id,
    says: now,
    wanted: wantedText(ground, target, classes),
    found: success,
    ...(features.schema && { row: rowOf(input) }),
    counterfactuals: success
      ? [outcome, ...outcome.alternatives].map((each) => counterfactualOf(each, input, now, work))
      : [],
    ...(reason && { reason }),
    ...(remark !== undefined && { remark }),
    figures: Object.fromEntries(
      figureNames.flatMap((name) => (outcome[name] === undefined ? [] : [[name, outcome[name]]])),
    ),
    forwards,
    backwards,
  };
}

function counterfactualOf(
  { counterfactual, scores, margin, changed }: Pick<Finding, 'counterfactual' | 'scores' | 'margin' | 'changed'>,
  input: Float32Array,
  now: ExplainedInstance['says'],
  { ground, scene }: Finished,
): Counterfactual {
  const { schema } = ground.features;
  const says = saysOf(scores, ground, scene.samples.classes);
  const changes = schema && changesOf(schema, ground, input, counterfactual, changed);
  return {
    says,
    margin,
    changed: changed.length,
    ...(changes && { changes, sentence: sentenceOf(changes, now, says), row: rowOf(counterfactual) }),
  };
}

const companionNames = ({ perClass = {}, ...others }: CompanionPaths): Record<string, string> => ({
  ...others,
  ...Object.fromEntries(Object.entries(perClass).map(([label, path]) => [`autoencoder of ${label}`, path])),
});

const rowOf = (values: Float32Array): number[] => Array.from(values, shortest);

const featuresOf = ({ features, columns }: Schema): NonNullable<ExplainReport['features']> =>
  features.map((feature) => ({
    name: feature.name,
    columns: feature.columns.map((column) => columns[column]!),
    type: feature.type,
    ...(feature.unit !== undefined && { unit: feature.unit }),
    immutable: feature.isImmutable,
    ...(feature.direction && { direction: feature.direction }),
    cost: feature.cost,
    ...(isNumber(feature)
      ? { range: [...feature.range], ...(feature.step !== undefined && { step: feature.step }) }
      : { values: feature.type === 'categorical' ? [...feature.categories] : feature.levels.map(({ name }) => name) }),
  }));
