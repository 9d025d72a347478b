/** The form of the document of `scalpel train`. `docs/training.schema.json` is made from it. */
import { z } from 'zod';

const count = z.int().nonnegative();
const share = z.number().describe('In [0, 1].');
const option = z.union([z.string(), z.number(), z.boolean()]);
const options = z.record(z.string(), option);
const measured = z.number().nullable().describe('null where it was not a finite number.');

const file = z.strictObject({ path: z.string(), sha256: z.string(), bytes: count });

/** Which training a figure is of. */
const cellKey = { labels: count.describe('Series whose label was told.'), seed: count };

const figures = z.strictObject({
  series: count.describe('Measured on.'),
  auc: z
    .strictObject({ weighted: share, macro: share })
    .exactOptional()
    .describe('One class against the rest; absent where no class has one.'),
  accuracy: share,
  f1: z.strictObject({ macro: share, micro: share, weighted: share }),
  logLoss: z.number().describe('Nats.'),
  expectedCalibrationError: share,
});

const validation = z.strictObject({
  auc: share.exactOptional().describe('Weighted by prevalence.'),
  accuracy: share,
  logLoss: z.number(),
});

const point = z.strictObject({
  step: count,
  losses: z
    .record(z.string(), measured)
    .describe('By term, weighted as they enter the sum; means since the last point.'),
  rate: z.number().exactOptional().describe('Learning rate.'),
  validationAuc: measured.exactOptional(),
  validationAccuracy: measured.exactOptional(),
  validationLoss: measured.exactOptional(),
  diagnostics: z
    .record(z.string(), measured)
    .exactOptional()
    .describe('Shares in [0, 1] such as utilisation, maskRate and pseudoLabelAccuracy; means since the last point.'),
});

const cell = z.strictObject({
  ...cellKey,
  status: z.enum(['done', 'failed', 'unfinished']),
  reason: z.string().exactOptional().describe('Why it is not done.'),
  steps: count.describe('Made, of those asked for.'),
  bestStep: count.exactOptional().describe('Whose weights were kept.'),
  stoppedEarly: z.boolean(),
  validation: validation.exactOptional().describe('At the best step.'),
  test: figures.exactOptional(),
  curves: z.array(point),
  model: file.exactOptional().describe('What was written.'),
  warnings: z.array(z.string()),
});

const spread = z.strictObject({
  mean: z.number(),
  deviation: z.number().exactOptional().describe('Of the sample, n - 1 below; absent of one seed.'),
  n: count.describe('Seeds.'),
});

const budget = z.strictObject({
  labels: count,
  figures: z
    .record(z.string(), spread)
    .describe('Over seeds: weightedAuc, macroAuc, accuracy, macroF1, microF1, weightedF1, logLoss, calibrationError.'),
});

const perClass = z.strictObject({
  name: z.string(),
  support: count,
  predicted: count,
  precision: share.exactOptional(),
  recall: share.exactOptional(),
  f1: share.exactOptional(),
  auc: share.exactOptional(),
});

const plotted = z
  .tuple([z.number(), z.number(), count, count, z.boolean().optional()])
  .describe('x, y, class, class that it was taken for, whether the training knew its label.');

const data = z.strictObject({
  description: z.string(),
  files: z.array(file),
  channels: count,
  length: count.describe('Steps; of series of unequal length those of the longest.'),
  unequal: z
    .strictObject({ shortest: count, longest: count })
    .exactOptional()
    .describe('Shorter series are padded, and a mask leaves the padding out.'),
  classes: z
    .array(
      z.strictObject({
        name: z.string(),
        training: count.describe('Series of the training data, whether their label is told or not.'),
        validation: count.exactOptional(),
        test: count.exactOptional(),
      }),
    )
    .describe('In the order of the outputs.'),
  counts: z.strictObject({
    training: count.describe('Series that labels are drawn from.'),
    unlabelled: count.describe('Series without any label in the files.'),
    validation: count,
    test: count,
  }),
  standardise: z.string().describe('In words, and where the numbers are kept.'),
});

const model = z.strictObject({
  start: z.string().describe('`fresh fcn`, or what file it started from.'),
  file: file.exactOptional().describe('That it started from.'),
  parameters: count,
  options: options.describe('Of the backbone.'),
  masks: z
    .strictObject({ weights: count, zeros: count })
    .exactOptional()
    .describe('Zeros that were held, and the weights of the layers that have them.'),
  notes: z.array(z.string()),
});

const chosen = z.strictObject({
  ...cellKey,
  on: z.enum(['test', 'validation']).describe('Where the figures are from.'),
  perClass: z.array(perClass),
  confusion: z
    .array(z.array(count))
    .exactOptional()
    .describe('A row for each class, a column for each class it was taken for; absent beyond 100 classes.'),
  embedding: z
    .strictObject({
      points: z.array(plotted),
      explained: z.tuple([share, share]).describe('Share of the variance along x and y.'),
    })
    .exactOptional()
    .describe('The features before the last layer, along their first two principal components.'),
});

const trial = z.strictObject({
  id: count,
  bracket: count,
  rung: count,
  steps: count,
  options,
  validationAuc: z.number().exactOptional(),
  status: z.enum(['kept', 'dropped', 'failed', 'unfinished']),
});

const stage = z.strictObject({ stage: z.string(), seconds: z.number(), runtimeSeconds: z.number().exactOptional() });
const cellTime = z.strictObject({ ...cellKey, seconds: z.number() });

export const trainForm = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.literal('train'),
  data,
  model,
  algorithm: z.strictObject({
    name: z.string(),
    description: z.string(),
    paper: z.string().exactOptional(),
    options,
  }),
  settings: z.strictObject({
    labels: z.array(count),
    seeds: z.array(count),
    steps: count.describe('At most, of each training.'),
    options: options.describe('Optimiser, schedule, batches, views and all else that every algorithm has.'),
    threads: count.exactOptional(),
    provider: z.string(),
  }),
  cells: z.array(cell).describe('One training each.'),
  budgets: z.array(budget).describe('By number of labels.'),
  chosen: chosen.exactOptional().describe('One training looked at more closely.'),
  baselines: z
    .array(z.strictObject({ name: z.string(), ...cellKey, test: figures }))
    .exactOptional()
    .describe('Other classifiers on the same labels.'),
  search: z
    .strictObject({
      method: z.string().describe('In words.'),
      trials: z.array(trial),
      best: count.exactOptional().describe('The id of a trial.'),
    })
    .exactOptional(),
  warnings: z.array(z.string()),
  reproduce: z.strictObject({
    command: z.array(z.string()),
    workingFolder: z.string().exactOptional(),
    versions: z.record(z.string(), z.string()),
  }),
  timing: z
    .strictObject({
      finishedAt: z.string().exactOptional(),
      totalSeconds: z.number(),
      peakMemoryBytes: count.exactOptional(),
      stages: z.array(stage),
      cells: z.array(cellTime),
      baselines: z.array(cellTime.extend({ name: z.string() })).exactOptional(),
    })
    .describe('Everything that differs between two equal runs.'),
});

/** JSON Schema (draft 2020-12) of the document. */
export const schemaOfTraining = (): object => ({
  ...z.toJSONSchema(trainForm, { io: 'output' }),
  title: 'What scalpel train answers',
});
