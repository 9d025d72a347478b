/** The schemas that are shipped and shown: they load, fit their tables, and the JSON Schema is that of the reader. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  describe as inWords,
  likelyOneHot,
  loadSchema,
  moves,
  observedIn,
  readSchema,
  type Schema,
  schemaFrom,
  schemaOfSchemas,
  snap,
  toUnits,
  violations,
} from '../../src/schema/index.js';
import { random } from '../../src/tensor/random.js';
import { shared } from '../helpers/shared.js';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const adult = shared('data/tabular/adult_test_encoded.csv');
const credit = shared('data/tabular/give_me_some_credit_test_encoded.csv');

describe('docs/schema.md', () => {
  const [example = '', more = ''] = [
    ...readFileSync(at('docs/schema.md'), 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g),
  ].map(([, text]) => text!);

  test('shows a schema that can be read', () => {
    const columns = ['age', 'education_years', 'income', 'sex_f', 'sex_m', 'grade', 'smoker', 'site'];
    const observed = columns.map((name) => ({ low: 0, high: name === 'education_years' ? 20 : 1, isInteger: true }));
    const { features, constraints } = readSchema(example, 'docs', columns, observed);
    expect(features.map(({ name }) => name)).toEqual(['age', 'education', 'income', 'sex', 'grade', 'smoker', 'site']);
    expect(constraints).toHaveLength(2);
    expect(features.at(-1)).toMatchObject({ type: 'binary', isImmutable: true });
  });

  test('shows constraints that can be read', () => {
    const columns = ['90', 'loans', 'a', 'b', 'c'];
    const observed = columns.map(() => ({ low: 0, high: 10, isInteger: true }));
    expect(readSchema(more, 'docs', columns, observed).constraints.map(({ text }) => text)).toEqual([
      '90 - 2 * loans <= 0',
      'a + b >= 0 and <= 10',
      'a - 12 * c = 0',
    ]);
  });

  test('schema.schema.json is what scripts/make-json-schema.mjs makes', () => {
    expect(JSON.parse(readFileSync(at('docs/schema.schema.json'), 'utf8'))).toEqual(schemaOfSchemas());
  });
});

test('calibration/iris.schema.yaml holds every flower on its steps', () => {
  const { columns, rows, width } = table(at('calibration/iris.csv'), 1000);
  const schema = loadSchema(at('calibration/iris.schema.yaml'), columns, observedIn(rows, width));
  expect(schema.features.map(({ name }) => name)).toEqual([
    'sepal length',
    'sepal width',
    'petal length',
    'petal width',
  ]);
  expect(inWords(schema, 0, toUnits(schema, rowsOf(rows, width)[0]!)[0]!)).toBe('4.7 cm');
  expectOnSteps(schema, rowsOf(rows, width));
});

test.runIf(adult)('docs/schemas/adult.yaml fits Adult', () => {
  const { columns, rows, width } = table(adult!, 2000);
  const observed = observedIn(rows, width);
  const schema = loadSchema(at('docs/schemas/adult.yaml'), columns, observed);
  expect(schema.features.map(({ type }) => type).filter((type) => type === 'categorical')).toHaveLength(7);
  const person = rowsOf(rows, width)[0]!;
  const words = toUnits(schema, person).map((value, f) => `${schema.features[f]!.name} ${inWords(schema, f, value)}`);
  expect(words.slice(0, 1)).toEqual(['age 40 years']);
  expect(words.slice(2)).toEqual([
    'education-num 6',
    'capital-gain 0 dollars',
    'capital-loss 0 dollars',
    'hours-per-week 35 hours',
    'workclass Private',
    'marital-status Non-Married',
    'occupation Managerial-Specialist',
    'relationship Non-Husband',
    'race White',
    'sex Female',
    'native-country US',
  ]);
  expectOnSteps(schema, rowsOf(rows, width));
  expectAllowed(schema, rowsOf(rows, width).slice(0, 300));
  // the categories are what anybody would guess
  expect(likelyOneHot(schemaFrom(columns, observed), rows)).toHaveLength(7);
});

test.runIf(credit)('docs/schemas/give-me-some-credit.yaml fits Give Me Some Credit', () => {
  const { columns, rows, width } = table(credit!, 2000);
  const schema = loadSchema(at('docs/schemas/give-me-some-credit.yaml'), columns, observedIn(rows, width));
  expectOnSteps(schema, rowsOf(rows, width));
  expectAllowed(schema, rowsOf(rows, width).slice(0, 300));
  const counts = schema.features.findIndex(({ name }) => name === 'dependents');
  const values = new Set(rowsOf(rows, width).map((row) => toUnits(schema, row)[counts]));
  expect([...values].sort()).toEqual([0, 1, 2, 3, 4]);
});

/** The features of the first rows of a CSV; its last column is the label. */
function table(path: string, most: number): { columns: string[]; rows: Float32Array; width: number } {
  const [header, ...lines] = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .slice(0, most + 1);
  const columns = header!.split(',').slice(0, -1);
  return {
    columns,
    rows: Float32Array.from(lines.flatMap((line) => line.split(',').slice(0, -1).map(Number))),
    width: columns.length,
  };
}

const rowsOf = (rows: Float32Array, width: number): Float32Array[] =>
  Array.from({ length: rows.length / width }, (_, i) => rows.slice(i * width, (i + 1) * width));

/** That six digits are read as the steps they stand for. */
function expectOnSteps(schema: Schema, rows: readonly Float32Array[]): void {
  const off = rows.flatMap((row) =>
    toUnits(schema, row).flatMap((value, f) => {
      const feature = schema.features[f]!;
      if (!('step' in feature) || feature.step === undefined) return [];
      const steps = (value - feature.range[0]) / feature.step;
      return Math.abs(steps - Math.round(steps)) > 1e-9 ? [`${feature.name} ${value}`] : [];
    }),
  );
  expect(off).toEqual([]);
}

/** That rows may be left as they are, and what they snap to elsewhere is allowed. */
function expectAllowed(schema: Schema, rows: readonly Float32Array[]): void {
  rows.forEach((row, i) => {
    expect(snap(schema, row, row)).toEqual(row);
    const point = random(i, 'point').uniforms(row.length);
    const found = snap(schema, row, point);
    expect(violations(schema, row, found)).toEqual([]);
    expect(snap(schema, row, found)).toEqual(found);
    expect(moves(schema, row, 0).length).toBeLessThanOrEqual(32);
  });
}
