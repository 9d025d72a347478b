/** A made-up document of training that looks like a real one. */
import { principalPlane } from '../../src/linalg/principal-plane.js';
import { embeddingOf } from '../../src/report/train-embedding.js';
import { budgetsOf } from '../../src/report/train-figures.js';
import type {
  Baseline,
  ChosenCell,
  CurvePoint,
  TrainCell,
  TrainFigures,
  TrainReport,
} from '../../src/report/train-report.js';
import { random } from '../../src/tensor/random.js';

export interface TrainSample {
  readonly labels?: readonly number[];
  readonly seeds?: readonly number[];
  readonly classes?: number;
  readonly on?: 'test' | 'validation' | 'nothing';
  readonly baselines?: readonly string[];
  readonly search?: boolean;
  readonly embedding?: boolean;
  /** Of the algorithm, the classes and whatever else comes from files. */
  readonly name?: string;
  readonly warnings?: readonly string[];
}

const file = (path: string) => ({ path, sha256: 'ab12'.repeat(16), bytes: 1_234_567 });
const steps = 1500;
const { uniform, normal } = random(7, 'sample of training');

export function trainSample({
  labels = [50, 100, 250, 500, 1000],
  seeds = [0, 1, 2, 3, 4],
  classes = 24,
  on = 'test',
  baselines = ['supervised', 'random forest', 'ROCKET'],
  search = false,
  embedding = true,
  name = 'mixmatch',
  warnings = [],
}: TrainSample = {}): TrainReport {
  const cells = labels.flatMap((budget) => seeds.map((seed) => cellOf(budget, seed, on)));
  const names = Array.from({ length: classes }, (_, c) =>
    name === 'mixmatch' ? crops[c % crops.length]! : `${name} ${c}`,
  );
  const series = on === 'validation' ? 100 : 7200;
  const counts = {
    training: 7100,
    unlabelled: 0,
    validation: on === 'nothing' ? 0 : 100,
    test: on === 'test' ? 7200 : 0,
  };
  return {
    ...{ schemaVersion: 1, kind: 'train', warnings },
    data: {
      ...{ description: name === 'mixmatch' ? 'Crop' : name, files: [file('Crop_TRAIN.tsv'), file('Crop_TEST.tsv')] },
      ...{ channels: 1, length: 46, counts, standardise: 'by channel over the training series; kept in the model' },
      classes: names.map((each) => ({ name: each, training: 296, test: 300 })),
    },
    model: {
      ...{ start: 'fresh fcn', parameters: 269_464, options: { backbone: 'fcn', filters: '128, 256, 128' } },
      notes: [
        'BatchNorm normalises by the batch while it is trained, and by running statistics in the file that is written.',
      ],
    },
    algorithm: {
      name,
      description: 'Guesses labels of augmented views, sharpens them, and mixes them with labelled series.',
      paper: 'Berthelot et al., MixMatch (arXiv 1905.02249)',
      options: { alpha: 0.75, temperature: 0.5, unlabelledWeight: 75, rampUp: 500 },
    },
    settings: {
      ...{ labels, seeds, steps, threads: 2, provider: 'cpu' },
      options: {
        optimiser: 'adamw',
        rate: 0.001,
        schedule: 'cosine',
        batch: '64 labelled, 64 unlabelled',
        views: 'randaugment(3, 1)',
      },
    },
    cells,
    budgets: budgetsOf(cells),
    ...(on !== 'nothing' && { chosen: chosenOf(cells[0]!, names, on, series, embedding) }),
    ...(on === 'test' &&
      baselines.length > 0 && { baselines: baselines.flatMap((each, i) => baselineOf(each, i, labels, seeds)) }),
    ...(search && { search: searchOf() }),
    reproduce: {
      command: ['scalpel', 'train', '--data', name, '--algorithm', 'mixmatch', '--labels', labels.join(',')],
      workingFolder: '/home/me/crops',
      versions: { 'onnx-scalpel': '0.3.0', node: '22.14.0', 'onnxruntime-node': '1.22.0', platform: 'linux x64' },
    },
    timing: {
      ...{ finishedAt: '2025-06-01T12:00:00.000Z', totalSeconds: 250 * cells.length, peakMemoryBytes: 9.1e8 },
      stages: [{ stage: 'train', seconds: 240 * cells.length, runtimeSeconds: 220 * cells.length }],
      cells: cells.map((each) => ({
        labels: each.labels,
        seed: each.seed,
        seconds: 230 + 20 * uniform(each.labels + each.seed),
      })),
    },
  };
}

const crops = [
  ...[
    'corn',
    'wheat',
    'barley',
    'rapeseed',
    'sunflower',
    'soybean',
    'sorghum',
    'temporary meadow',
    'lucerne',
    'rice',
    'vineyard',
    'orchard',
  ],
  ...[
    'broad-leaved',
    'conifers',
    'poplar',
    'olives',
    'fallow',
    'hemp',
    'peas',
    'lake',
    'river',
    'gravel pit',
    'dense urban',
    'roads',
  ],
];

/** As such figures grow with labels. */
const aucOf = (labels: number, ceiling: number, gap: number): number => ceiling - gap * (50 / labels) ** 0.6;

function figuresOf(auc: number): TrainFigures {
  const accuracy = Math.max(0.05, 1 - 4 * (1 - auc));
  return {
    ...{ series: 7200, auc: { weighted: auc, macro: auc - 0.004 }, accuracy },
    f1: { macro: accuracy - 0.02, micro: accuracy, weighted: accuracy - 0.01 },
    ...{ logLoss: 8 * (1 - auc), expectedCalibrationError: 0.6 * (1 - auc) },
  };
}

function cellOf(labels: number, seed: number, on: 'test' | 'validation' | 'nothing'): TrainCell {
  const auc = Math.min(0.995, aucOf(labels, 0.975, 0.06) + 0.012 * normal(31 * labels + seed) * (50 / labels) ** 0.5);
  const bestStep = 300 + 60 * Math.floor(18 * uniform(labels * 7 + seed));
  const stoppedEarly = bestStep < 900;
  const made = stoppedEarly ? bestStep + 600 : steps;
  return {
    ...{ labels, seed, status: 'done', steps: made, stoppedEarly, warnings: [] },
    ...(on !== 'nothing' && {
      bestStep,
      validation: { auc: auc - 0.005, accuracy: 1 - 4 * (1 - auc), logLoss: 8 * (1 - auc) },
    }),
    ...(on === 'test' && { test: figuresOf(auc) }),
    curves: Array.from({ length: made / 30 + 1 }, (_, i) => pointOf(30 * i, auc, labels + seed, on !== 'nothing')),
    model: file(`crop/mixmatch-${labels}-seed${seed}.onnx`),
  };
}

function pointOf(step: number, auc: number, stream: number, validated: boolean): CurvePoint {
  const noise = (at: number): number => normal(1000 * stream + 5 * step + at);
  const learned = 1 - Math.exp(-step / 220);
  return {
    ...{ step, rate: 0.001 * Math.min(1, step / 90) * (0.5 + 0.5 * Math.cos((Math.PI * step) / 1500)) },
    losses: {
      supervised: 0.05 + 3.1 * (1 - learned) + 0.03 * Math.abs(noise(0)),
      unlabelled: Math.min(1, step / 500) * (0.02 + 0.25 * (1 - learned) + 0.004 * Math.abs(noise(1))),
    },
    ...(validated && {
      validationAuc: Math.min(0.999, 0.5 + (auc - 0.5) * learned + 0.006 * noise(2)),
      validationAccuracy: Math.max(0, (1 - 4 * (1 - auc)) * learned + 0.015 * noise(3)),
      validationLoss: 3.2 - 2.4 * learned,
    }),
    diagnostics: {
      utilisation: Math.min(1, step / 400),
      maskRate: 0.15 + 0.8 * (1 - learned),
      pseudoLabelAccuracy: 0.3 + 0.55 * learned + 0.01 * noise(4),
    },
  };
}

function baselineOf(name: string, rank: number, labels: readonly number[], seeds: readonly number[]): Baseline[] {
  const gaps = [0.14, 0.082, 0.1, 0.12];
  return labels.flatMap((budget) =>
    seeds.map((seed) => {
      const auc = Math.min(
        0.99,
        aucOf(budget, 0.965 - 0.004 * rank, gaps[rank % 4]!) + 0.008 * normal(97 * budget + 7 * seed + rank),
      );
      return { name, labels: budget, seed, test: figuresOf(auc) };
    }),
  );
}

function chosenOf(
  { labels, seed }: TrainCell,
  names: readonly string[],
  on: 'test' | 'validation',
  series: number,
  embedding: boolean,
): ChosenCell {
  const classes = names.length;
  const confusion = names.map((_, actual) => {
    const row = names.map((_, taken) => {
      const near = Math.abs(actual - taken);
      return near === 0
        ? 0
        : near < 3
          ? Math.floor((series / classes) * 0.12 * uniform(actual * 100 + taken))
          : uniform(actual * 100 + taken + 5000) > 0.8
            ? 1
            : 0;
    });
    row[actual] = Math.max(0, Math.floor(series / classes) - row.reduce((sum, each) => sum + each, 0));
    return row;
  });
  const perClass = names.map((name, c) => {
    const support = confusion[c]!.reduce((sum, each) => sum + each, 0);
    const predicted = confusion.reduce((sum, row) => sum + row[c]!, 0);
    const right = confusion[c]![c]!;
    return {
      name,
      support,
      predicted,
      precision: right / predicted,
      recall: right / support,
      f1: (2 * right) / (support + predicted),
      auc: 0.9 + 0.09 * uniform(c),
    };
  });
  return { labels, seed, on, perClass, confusion, ...(embedding && { embedding: scattered(classes) }) };
}

/** Clouds about the corners of a simplex. */
function scattered(classes: number): NonNullable<ChosenCell['embedding']> {
  const [count, width] = [800, 16];
  const labels = Array.from({ length: count }, (_, i) => i % classes);
  const features = new Float32Array(count * width);
  for (let i = 0; i < count; i++)
    for (let j = 0; j < width; j++)
      features[i * width + j] =
        2.2 * normal(labels[i]! * width + j) * (2.5 / (1 + j)) + 0.55 * normal(90_000 + i * width + j);
  const predicted = labels.map((label, i) => (uniform(70_000 + i) > 0.85 ? (label + 1) % classes : label));
  return embeddingOf(
    principalPlane(features, count),
    labels,
    predicted,
    labels.map((_, i) => i % 40 === 0),
  );
}

function searchOf(): NonNullable<TrainReport['search']> {
  const trials = Array.from({ length: 34 }, (_, id) => {
    const rung = id % 9 === 0 ? 2 : id % 3 === 0 ? 1 : 0;
    const rate = 10 ** (-6 + 3 * uniform(id));
    const weight = Math.round(150 * uniform(100 + id));
    const made = [166, 500, 1500][rung]!;
    const worth = 0.86 - 0.04 * (Math.log10(rate) + 3.6) ** 2 + 0.03 * rung + 0.01 * normal(id);
    const failed = id === 13;
    return {
      ...{
        id,
        bracket: id % 2,
        rung,
        steps: made,
        options: { rate, unlabelledWeight: weight, alpha: 0.5 + 0.05 * (id % 11), views: 'randaugment' },
      },
      ...(!failed && { validationAuc: worth }),
      status: failed ? ('failed' as const) : rung === 2 ? ('kept' as const) : ('dropped' as const),
    };
  });
  const best = trials
    .filter(({ rung }) => rung === 2)
    .sort((a, b) => (b.validationAuc ?? 0) - (a.validationAuc ?? 0))[0]!;
  return { method: 'Hyperband with a random sampler, η = 3', trials, best: best.id };
}
