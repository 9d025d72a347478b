/** The form of a schema file: which keys there are and what may stand in them. `docs/schema.schema.json` is made from it. */
import { z } from 'zod';

const printable = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{C}]+$/u, 'expected a name that can be printed');
const above0 = z.number().positive();
const label = z.union([z.string().min(1), z.number()], 'expected a name');

export const featureTypes = ['continuous', 'integer', 'ordinal', 'binary', 'categorical'] as const;

export const featureForm = z.strictObject({
  name: printable.describe('Unique in the file.'),
  type: z.enum(featureTypes).default('continuous'),
  column: z.string().optional().describe('The column of the data that holds it; default: its name.'),
  columns: z
    .union([z.array(z.string()), z.record(z.string(), z.string())], 'expected category: column, or a list of columns')
    .optional()
    .describe('One-hot columns of a categorical feature by category; a list takes the names of the columns.'),
  levels: z
    .union([z.array(label), z.record(z.string(), z.number())], 'expected level: number, or a list of levels')
    .optional()
    .describe('Levels of an ordinal or binary feature and the numbers in the column, rising; a list means 0, 1, 2, …'),
  range: z
    .tuple([z.number(), z.number()], 'expected [lowest, highest]')
    .optional()
    .describe('Lowest and highest value, in units; default: those of the data.'),
  scale: z
    .union(
      [
        z.strictObject({ min: z.number(), max: z.number() }),
        z.strictObject({ mean: z.number(), deviation: z.number() }),
      ],
      'expected {min, max} or {mean, deviation}',
    )
    .optional()
    .describe('The column holds (units - min) / (max - min) or (units - mean) / deviation; default: units.'),
  step: above0.optional().describe('Distance of the allowed values, in units, from the lowest of the range on.'),
  direction: z.enum(['increase', 'decrease']).optional().describe('The only way in which it may change.'),
  immutable: z.boolean().default(false),
  unit: printable.optional().describe('Such as years; for people.'),
  cost: above0.default(1).describe('Weight of a change in distance and sparsity.'),
});

export const constraintForm = z.union(
  [
    z.string().min(1).max(2000),
    z.strictObject({
      terms: z.record(z.string(), z.number()).describe('Factor by name of feature.'),
      'at-least': z.number().optional(),
      'at-most': z.number().optional(),
      equals: z.number().optional(),
    }),
  ],
  "expected a formula such as 'a - 2 * b >= 6', or {terms, at-least, at-most, equals}",
);

export const schemaForm = z.strictObject({
  $schema: z.string().optional().describe('For editors.'),
  features: z.array(featureForm).default([]),
  constraints: z
    .array(constraintForm)
    .default([])
    .describe('Linear, between continuous and integer features, in units.'),
  others: z
    .enum(['changeable', 'immutable'])
    .default('changeable')
    .describe('Columns that no feature names: features of their own.'),
});

export type FeatureEntry = z.infer<typeof featureForm>;
export type ConstraintEntry = z.infer<typeof constraintForm>;

/** The JSON Schema (draft 2020-12) of a schema file: editors check and complete by it. */
export const schemaOfSchemas = (): object => ({
  ...z.toJSONSchema(schemaForm, { io: 'input' }),
  title: 'Schema of the features of a table, for scalpel',
});
