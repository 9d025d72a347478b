/** A made-up document of explanations, and what its page shows besides. */
import type { SpaceKind } from '../../src/oracle/space.js';
import type { ExplainGallery } from '../../src/report/explain-gallery.js';
import type { ExplainedInstance, ExplainReport } from '../../src/report/explain-report.js';

export interface ExplainSample {
  readonly report: ExplainReport;
  readonly gallery: ExplainGallery;
}

const spaces = {
  features: { channels: 1, height: 1, width: 3 },
  series: { channels: 2, height: 1, width: 12 },
  image: { channels: 3, height: 4, width: 4 },
  tokens: { channels: 2, height: 1, width: 4 },
} as const;

const file = { path: 'net.onnx', sha256: 'ab'.repeat(32), bytes: 100 };
const data = { description: 'made', files: [file], samples: 9 };

/** @param name of a feature, a class and whatever else comes from files. */
export function explainSample(kind: SpaceKind, name = 'age'): ExplainSample {
  const isTable = kind === 'features';
  const says = { class: 0, name, probability: 0.9 };
  const found = (sample: number, from: number): ExplainedInstance => ({
    sample,
    says,
    wanted: `not ${name}`,
    found: true,
    ...(isTable && { row: [from, 0, 1] }),
    counterfactuals: [
      {
        says: { class: 1, name: `not ${name}`, probability: 0.6 },
        margin: -0.2,
        changed: 1,
        ...(isTable && {
          changes: [
            {
              feature: name,
              from,
              to: from + 6,
              by: 6,
              text: { from: `${from} years`, to: `${from + 6} years`, by: '+6 years' },
            },
          ],
          sentence: `If ${name} were ${from + 6} years instead of ${from} years, the model would say no.`,
          row: [from + 6, 0, 1],
        }),
      },
    ],
    figures: { l0: 1, l2: 0.25, lof: 1.1 },
    forwards: 12,
    backwards: 3,
  });
  const missing: ExplainedInstance = {
    ...{ sample: 7, says, wanted: `not ${name}`, found: false, counterfactuals: [], forwards: 50, backwards: 20 },
    figures: { l0: 0, l2: 0 },
    reason: { kind: 'not reached', text: `the goal was not reached, with ${name} at the end`, binding: [name] },
  };
  const instances = [found(2, 30), found(4, 41), missing];
  const size = spaces[kind].channels * spaces[kind].height * spaces[kind].width;
  const values = (shift: number): Float32Array =>
    Float32Array.from({ length: size }, (_, i) => (i + shift) / (size + 2));
  const statistic = { mean: 1, median: 1 };
  const report: ExplainReport = {
    schemaVersion: 1,
    kind: 'explain',
    found: 2,
    model: {
      ...{ file, input: 'x', scores: 'logits', classes: 2, notes: [`read before ${name}`] },
      space: { kind, ...spaces[kind] },
    },
    data: { ...data, looked: 9, already: 6, elsewhere: 0, explained: 3, classes: [name, `not ${name}`] },
    reference: data,
    ...(isTable && {
      columns: ['a', 'b', 'c'],
      features: [
        {
          name,
          columns: ['a'],
          type: 'integer',
          unit: 'years',
          immutable: false,
          direction: 'increase',
          cost: 1,
          range: [0, 90],
        },
        { name: 'job', columns: ['b', 'c'], type: 'categorical', immutable: true, cost: 2, values: ['none', name] },
      ],
      constraints: [`${name} >= 3`],
    }),
    settings: {
      ...{ goal: `not ${name}`, bounds: 'of the schema', companions: { autoencoder: name }, keep: 'objective' },
      ...{ seconds: 60, batch: 100, seed: 0, threads: 1, provider: 'cpu' },
    },
    methods: ['a', 'b'].map((method) => ({
      ...{ name: method, paper: `of ${name}`, asks: 'gradients' as const, options: { penalty: 'l0' }, instances },
      summary: {
        ...{ instances: 3, found: 2, validity: 2 / 3, reasons: { 'not reached': 1 } },
        overValid: { l0: statistic, l2: { mean: 0.25, median: 0.25 }, lof: { mean: 1.1, median: 1.1 } },
        overAll: { l0: { mean: 2 / 3, median: 1 }, l2: { mean: 1 / 6, median: 0.25 } },
        changes: isTable ? [{ feature: name, count: 2, share: 1, up: 2, down: 0, median: 6 }] : [],
      },
    })),
    warnings: [`look at ${name}`],
    reproduce: { command: ['scalpel', 'explain', name], versions: { 'onnx-scalpel': '0.0.0' } },
    timing: {
      ...{ totalSeconds: 3, stages: [{ stage: 'explain', seconds: 2 }] },
      methods: ['a', 'b'].map((method) => ({ name: method, seconds: 1, modelSeconds: 0.9, secondsPerInstance: 1 / 3 })),
    },
  };
  const shown = [2, 4].map((sample) => ({ sample, before: values(0), after: values(sample === 2 ? 1 : 0.5) }));
  const bounds = { lower: new Float32Array(size), upper: new Float32Array(size).fill(2), description: 'made' };
  const { channels, height, width } = spaces[kind];
  const positions = height * width;
  const space = { kind, channels, height, width, positions, size, channelsLast: false };
  return {
    report,
    gallery: {
      space,
      bounds,
      shown: new Map([
        ['a', shown],
        ['b', shown.slice(1)],
      ]),
    },
  };
}
