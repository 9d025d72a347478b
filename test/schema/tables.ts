/** A small table with a feature of each kind, and random schemas with rows and points for them. */
import fc from 'fast-check';
import { fromUnits, type Observed, readSchema, type Schema, toUnits } from '../../src/schema/index.js';

export const columns = ['age', 'income', 'rate', 'grade', 'smoker', 'job_a', 'job_b', 'job_c', 'site'];

export const observed: Observed[] = [
  { low: 0, high: 1, isInteger: false },
  { low: 1000, high: 90_000, isInteger: true },
  { low: 0.5, high: 4.5, isInteger: false },
  { low: 0, high: 2, isInteger: true },
  { low: 0, high: 1, isInteger: true },
  { low: 0, high: 1, isInteger: true },
  { low: 0, high: 1, isInteger: true },
  { low: 0, high: 1, isInteger: true },
  { low: -3, high: 3, isInteger: false },
];

export const text = `
features:
  - { name: age, type: integer, range: [17, 90], scale: { min: 17, max: 90 }, direction: increase, unit: years, cost: 2 }
  - { name: income, type: integer, step: 500, range: [0, 100000], unit: dollars }
  - { name: rate, unit: '%' }
  - { name: grade, type: ordinal, levels: [low, middle, high] }
  - { name: smoker, type: binary, levels: { no: 0, yes: 1 }, direction: decrease }
  - { name: job, type: categorical, columns: { clerk: job_a, smith: job_b, cook: job_c } }
  - { name: site, immutable: true }
`;

export const read = (more = ''): Schema => readSchema(`${text}${more}`, 'people.yaml', columns, observed);

export const row = Float32Array.of(0.315068, 25_000, 1.5, 1, 1, 0, 1, 0, 0.25);

/** A schema over numbers and a categorical, with constraints that hold where all numbers are 0. */
export const randomSchema = fc
  .record({
    numbers: fc.array(
      fc.record({
        type: fc.constantFrom('continuous', 'integer'),
        low: fc.integer({ min: -20, max: 0 }),
        width: fc.integer({ min: 1, max: 40 }),
        step: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
        mean: fc.option(fc.integer({ min: -10, max: 10 }), { nil: undefined }),
        direction: fc.option(fc.constantFrom('increase', 'decrease'), { nil: undefined }),
        immutable: fc.boolean(),
      }),
      { minLength: 2, maxLength: 5 },
    ),
    constraints: fc.array(
      fc.record({
        factors: fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 5, maxLength: 5 }),
        most: fc.integer({ min: 0, max: 20 }),
      }),
      { maxLength: 3 },
    ),
  })
  .map(({ numbers, constraints }): Schema => {
    const features = numbers.map(({ low, width, mean, ...rest }, i) => ({
      name: `n${i}`,
      ...rest,
      // the grid goes through 0
      range: [low * (rest.step ?? 1), width],
      ...(mean !== undefined && { scale: { mean, deviation: 3 } }),
    }));
    const held = constraints.flatMap(({ factors, most }) => {
      const terms = Object.fromEntries(numbers.flatMap((_, i) => (factors[i] ? [[`n${i}`, factors[i]]] : [])));
      return Object.keys(terms).length > 0 ? [{ terms, 'at-most': most }] : [];
    });
    const kind = { name: 'kind', type: 'categorical', columns: ['k0', 'k1', 'k2'] };
    const names = [...numbers.map((_, i) => `n${i}`), 'k0', 'k1', 'k2'];
    const wide = names.map((name) => ({
      low: name.startsWith('n') ? -1e6 : 0,
      high: name.startsWith('n') ? 1e6 : 1,
      isInteger: false,
    }));
    return readSchema(JSON.stringify({ features: [...features, kind], constraints: held }), 'random', names, wide);
  });

/** A row and a point for a schema: the row allowed (numbers of `units`, tidied to the grid) or anything. */
export const randomCase = randomSchema.chain((schema) =>
  fc.record({
    schema: fc.constant(schema),
    row: fc.oneof(
      anything(schema.columns.length, 60),
      fc.constant(
        fromUnits(
          schema,
          schema.features.map(() => 0),
        ),
      ),
    ),
    point: anything(schema.columns.length, 100),
  }),
);

const anything = (length: number, most: number) =>
  fc
    .array(fc.double({ min: -most, max: most, noNaN: true }), { minLength: length, maxLength: length })
    .map((values) => Float32Array.from(values));

/** The row with one feature changed. */
export function moved(schema: Schema, from: Float32Array, feature: number, value: number): Float32Array {
  const whole = fromUnits(schema, toUnits(schema, from).with(feature, value));
  const changed = from.slice();
  for (const column of schema.features[feature]!.columns) changed[column] = whole[column]!;
  return changed;
}
