/** The form of the document of `scalpel explain`. `docs/explanations.schema.json` is made from it. */
import { z } from 'zod';
import { figures } from '../counterfactual/metrics/summary.js';

const count = z.int().nonnegative();
const sha256 = z.string();

const file = z.strictObject({ path: z.string(), sha256, bytes: count });
const data = z.strictObject({
  description: z.string(),
  files: z.array(file),
  samples: count.exactOptional(),
  seqLen: count.exactOptional().describe('Tokens per window.'),
  tokens: count.exactOptional(),
});

/** All but the time, which stands in `timing`. */
export const figureNames = figures.filter((name) => name !== 'seconds');

const numbers = <T extends z.ZodType>(value: T) =>
  z.strictObject(
    Object.fromEntries(figureNames.map((name) => [name, value.exactOptional()])),
  ) as unknown as z.ZodObject<Record<(typeof figureNames)[number], z.ZodExactOptional<T>>, z.core.$strict>;

const statistic = z.strictObject({ mean: z.number(), median: z.number() });

const feature = z.strictObject({
  name: z.string(),
  columns: z.array(z.string()).describe('Of the data, that hold it.'),
  type: z.enum(['continuous', 'integer', 'ordinal', 'binary', 'categorical']),
  unit: z.string().exactOptional(),
  immutable: z.boolean(),
  direction: z.enum(['increase', 'decrease']).exactOptional(),
  cost: z.number(),
  range: z.tuple([z.number(), z.number()]).exactOptional().describe('In units.'),
  step: z.number().exactOptional(),
  values: z.array(z.string()).exactOptional().describe('Levels or categories.'),
});

const says = z
  .strictObject({
    class: count.exactOptional(),
    name: z.string().exactOptional(),
    probability: z.number().exactOptional().describe('Of that class.'),
    value: z.number().exactOptional().describe('Of a regressor.'),
  })
  .describe('What the model says.');

const value = z.union([z.number(), z.string()]).describe('In units; of levels and categories the name.');

const change = z.strictObject({
  feature: z.string(),
  from: value,
  to: value,
  by: z.number().exactOptional().describe('Of numbers, in units.'),
  text: z.strictObject({ from: z.string(), to: z.string(), by: z.string().exactOptional() }).describe('With units.'),
});

const counterfactual = z.strictObject({
  says,
  margin: z.number().describe('Below 0 where the goal is reached, in the unit of the scores.'),
  changed: count.describe('Features, or positions of a series or picture.'),
  changes: z.array(change).exactOptional().describe('Of a table, the largest shares of their ranges first.'),
  sentence: z.string().exactOptional(),
  row: z.array(z.number()).exactOptional().describe('Of a table: the columns of the input.'),
});

const instance = z.strictObject({
  sample: count.describe('Its number in the data, from 0.'),
  says,
  wanted: z.string().describe('What the model is to say.'),
  found: z.boolean(),
  row: z.array(z.number()).exactOptional(),
  counterfactuals: z.array(counterfactual).describe('The best first; none where nothing was found.'),
  reason: z
    .strictObject({
      kind: z.string(),
      text: z.string(),
      missing: z.number().exactOptional().describe('How far the nearest allowed point stays from the goal.'),
      binding: z.array(z.string()).exactOptional().describe('Features at an end of what they may be there.'),
    })
    .exactOptional()
    .describe('Why nothing was found.'),
  remark: z.string().exactOptional().describe('What the method says of it, such as that it was cut short of the best.'),
  figures: numbers(z.number()).describe('Of the first counterfactual.'),
  forwards: count,
  backwards: count,
});

const summary = z.strictObject({
  instances: count,
  found: count,
  validity: z.number().describe('Share of the instances that a counterfactual was found for.'),
  overValid: numbers(statistic),
  overAll: numbers(statistic).describe('A failure counts as its own instance, with distances of 0.'),
  changes: z
    .array(
      z.strictObject({
        feature: z.string(),
        count,
        share: z.number().describe('Of the instances that something was found for.'),
        up: count.exactOptional(),
        down: count.exactOptional(),
        median: z.number().exactOptional().describe('Median change of a number, in units.'),
        mostOften: z.string().exactOptional().describe('Where levels and categories go most often.'),
      }),
    )
    .describe('How often each feature of a table changes, the most frequent first.'),
  reasons: z.record(z.string(), count),
});

const option = z.union([z.string(), z.number(), z.boolean()]);

export const explainForm = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.literal('explain'),
  found: count.describe('Instances with a counterfactual, of all methods.'),
  model: z.strictObject({
    file: file.extend({ gzipBytes: count.exactOptional() }),
    input: z.string(),
    space: z.strictObject({
      kind: z.enum(['image', 'series', 'features', 'tokens']),
      channels: count,
      height: count,
      width: count,
    }),
    scores: z.string(),
    classes: count.describe('Of a regressor 1.'),
    notes: z.array(z.string()),
  }),
  data: data.extend({
    looked: count,
    already: count.describe('Of which the model says already what it should.'),
    elsewhere: count.describe('Of which it does not say the class asked for.'),
    explained: count,
    classes: z.array(z.string()).exactOptional(),
  }),
  reference: data.exactOptional().describe('What says what is plausible.'),
  columns: z.array(z.string()).exactOptional().describe('Of a table: what the numbers of a row are.'),
  features: z.array(feature).exactOptional(),
  constraints: z.array(z.string()).exactOptional(),
  settings: z.strictObject({
    goal: z.string(),
    bounds: z.string(),
    schema: z.string().exactOptional(),
    mask: z.string().exactOptional(),
    companions: z.record(z.string(), z.string()),
    keep: z.string(),
    counterfactuals: count.exactOptional().describe('Of each instance, where several are told.'),
    diversity: z.string().exactOptional().describe('By what several are picked.'),
    queries: count.exactOptional(),
    seconds: z.number().exactOptional(),
    batch: count,
    seed: count,
    threads: count.exactOptional(),
    provider: z.string(),
  }),
  methods: z.array(
    z.strictObject({
      name: z.string(),
      paper: z.string(),
      asks: z.enum(['gradients', 'scores']),
      options: z.record(z.string(), option),
      summary,
      instances: z.array(instance),
    }),
  ),
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
      stages: z.array(
        z.strictObject({ stage: z.string(), seconds: z.number(), runtimeSeconds: z.number().exactOptional() }),
      ),
      methods: z.array(
        z.strictObject({
          name: z.string(),
          seconds: z.number(),
          modelSeconds: z.number().describe('Inside the calls of the model.'),
          secondsPerInstance: z.number(),
        }),
      ),
    })
    .describe('Everything that differs between two equal runs.'),
});

/** JSON Schema (draft 2020-12) of the document. */
export const schemaOfExplanations = (): object => ({
  ...z.toJSONSchema(explainForm, { io: 'output' }),
  title: 'What scalpel explain answers',
});
