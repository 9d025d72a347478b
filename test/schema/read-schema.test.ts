/** Schema files: what they come to, and what is said of each mistake. */
import { describe, expect, test } from 'vitest';
import { loadSchema, type Observed, readSchema, schemaFrom } from '../../src/schema/index.js';
import { temporaryFolder } from '../data/models.js';
import { columns, observed, read } from './tables.js';

const { write } = temporaryFolder();
const schemaOf = (text: string) => readSchema(text, 's.yaml', columns, observed);
const feature = (text: string) => schemaOf(`features:\n  - ${text}\n`).features;

describe('readSchema', () => {
  test('resolves names to columns and fills in what was left out', () => {
    const { features, constraints } = read('constraints: ["age - 2 * income <= 0"]');
    expect(features.map(({ name, columns: held }) => [name, held])).toEqual([
      ['age', [0]],
      ['income', [1]],
      ['rate', [2]],
      ['grade', [3]],
      ['smoker', [4]],
      ['job', [5, 6, 7]],
      ['site', [8]],
    ]);
    expect(features[0]).toMatchObject({ type: 'integer', step: 1, scale: { offset: 17, divisor: 73 }, cost: 2 });
    expect(features[2]).toMatchObject({ type: 'continuous', range: [0.5, 4.5], step: undefined, isImmutable: false });
    expect(constraints).toEqual([
      {
        text: 'age - 2 * income <= 0',
        terms: [
          { feature: 0, factor: 1 },
          { feature: 1, factor: -2 },
        ],
        low: Number.NEGATIVE_INFINITY,
        high: 0,
      },
    ]);
  });

  test('is the default schema where nothing is written', () => {
    expect(schemaOf('{}')).toEqual(schemaFrom(columns, observed));
    expect(schemaOf('{}').features.map(({ type }) => type)).toEqual([
      ...['continuous', 'continuous', 'continuous', 'continuous', 'binary', 'binary', 'binary', 'binary', 'continuous'],
    ]);
  });

  test('holds other columns when told', () => {
    const { features } = schemaOf('others: immutable\nfeatures: [{ name: rate }]');
    expect(features.filter(({ isImmutable }) => !isImmutable).map(({ name }) => name)).toEqual(['rate']);
  });

  test('takes the ends of the data for the range, on multiples of the step', () => {
    const low = Math.fround(4.3);
    const high = Math.fround(7.9);
    const [found] = readSchema(
      'features: [{ name: x, step: 0.1 }]',
      's',
      ['x'],
      [{ low, high, isInteger: false }],
    ).features;
    expect(found).toMatchObject({ range: [4.3, 7.9].map((x) => Math.round(x * 10) * 0.1) });
  });

  test('JSON is YAML, from a file too', () => {
    const path = write('schema.json', JSON.stringify({ features: [{ name: 'rate', cost: 3 }] }));
    expect(loadSchema(path, columns, observed).features[2]).toMatchObject({ name: 'rate', cost: 3 });
    expect(() => loadSchema(`${path}.none`, columns, observed)).toThrow(/no such file; check the path$/);
    expect(() => loadSchema(write('large.yaml', ' '.repeat(2 ** 20 + 1)), columns, observed)).toThrow(/at most 1 MiB/);
  });

  test.each([
    ['{ name: agee }', "'name': expected a column of the data, got 'agee'; give 'column', or did you mean 'age'?"],
    ['{ name: x, column: incme }', "'column': expected a column of the data, got 'incme'; did you mean 'income'?"],
    [
      '{ name: x, column: zzzzzzzz }',
      "'column': expected a column of the data, got 'zzzzzzzz'; the columns are age, income, rate, grade, smoker, job_a, job_b, job_c, …",
    ],
    ['{ name: age, range: [1, 0] }', "'range': expected the lower value first, got [1, 0]; swap them"],
    [
      '{ name: age, range: [17, 90] }',
      "'range': expected some of the data in it, got [17, 90] where they are 0 to 1; give range and scale in the same units",
    ],
    ['{ name: age, range: [.nan, 1] }', "'range.0': invalid input: expected number, received NaN; correct it there"],
    ['{ name: age, range: [0] }', "'range': expected [lowest, highest]; correct it there"],
    ['{ name: age, scale: { min: 4, max: 4 } }', "'scale': expected a min below the max, got 4 and 4; correct them"],
    ['{ name: age, scale: { mean: 4, deviation: 0 } }', "'scale': expected a deviation above 0, got 0; correct it"],
    ['{ name: age, scale: { min: 4 } }', "'scale': expected {min, max} or {mean, deviation}; correct it there"],
    ['{ name: age, step: 0 }', "'step': too small: expected number to be >0; correct it there"],
    ['{ name: age, cost: -1 }', "'cost': too small: expected number to be >0; correct it there"],
    ['{ name: age, stp: 1 }', "unknown key 'stp'; did you mean 'step'?"],
    [
      '{ name: rate, type: integer }',
      "'type': expected whole numbers in the column, got others; give 'scale', or change the type",
    ],
    [
      '{ name: rate, type: integer, range: [0.5, 4] }',
      "'range': expected whole numbers, got [0.5, 4]; correct them, or change the type",
    ],
    [
      '{ name: income, type: integer, step: 0.5 }',
      "'step': expected a whole step for an integer, got 0.5; correct it, or change the type",
    ],
    [
      '{ name: job, type: categorical, columns: [job_a, job_b], direction: increase }',
      "'direction': expected none for categorical features, got one; leave it out, or change the type",
    ],
    [
      '{ name: rate, levels: [a, b] }',
      "'levels': expected none for continuous features, got one; leave it out, or change the type",
    ],
    ['{ name: job, type: categorical }', 'expected the columns of the categories, got none; give them'],
    [
      '{ name: job, type: categorical, columns: [job_a] }',
      "'columns': expected at least 2 categories, got 1; name the others",
    ],
    [
      '{ name: job, type: categorical, columns: [job_a, rate] }',
      "'columns': expected 0 and 1 in 'rate', got 0.5 to 4.5; one-hot columns hold no other",
    ],
    [
      '{ name: job, type: categorical, columns: [job_a, job_a] }',
      "it has the column 'job_a' twice; a column belongs to one feature",
    ],
    ['{ name: grade, type: ordinal }', 'expected its levels, got none; give them'],
    [
      '{ name: grade, type: ordinal, levels: { a: 1, b: 1 } }',
      "'levels': expected numbers that rise, got 1 for 'a' before 1 for 'b'; put them in order",
    ],
    [
      '{ name: grade, type: ordinal, levels: [a, a] }',
      "'levels': expected names that differ, got one twice; rename it",
    ],
    ['{ name: smoker, type: binary, levels: [a, b, c] }', "'levels': expected 2 levels, got 3; correct them"],
    [
      '{ name: income, type: binary }',
      'expected levels that the column holds, got 0 to 1 where it holds 1000 to 90000; give the numbers of the levels',
    ],
    ['{ name: rate, column: age }', 'a column that it does not hold has this name too; rename the feature'],
  ])('refuses %s', (text, message) => {
    const name = /name: (\w+)/.exec(text)![1];
    expect(() => feature(text)).toThrow(new RegExp(`^s\\.yaml:2: feature '${name}': ${escaped(message)}$`));
  });

  test.each([
    [
      'features:\n  - name: age\n  - name: x\n    column: age\n',
      "s.yaml:3: feature 'x': it has the column 'age' and so does 'age'; a column belongs to one feature",
    ],
    [
      'features:\n  - name: age\n  - name: age\n    column: rate\n',
      "s.yaml:3: feature 'age': another feature has this name; rename one of them",
    ],
    [
      'features:\n  - name: age\n    range:\n      - 5\n      - 4\n',
      "s.yaml:3: feature 'age': 'range': expected the lower value first, got [5, 4]; swap them",
    ],
    [
      'features:\n  - column: age\n',
      "s.yaml:2: feature 1: 'name': invalid input: expected string, received undefined; correct it there",
    ],
    ['featurs: []', "s.yaml:1: unknown key 'featurs'; did you mean 'features'?"],
    ['a: [', /^s\.yaml: expected YAML or JSON, got /],
    ['[]', 's.yaml:1: invalid input: expected object, received array; correct it there'],
    ['others: immutable\nothers: immutable', /^s\.yaml: expected YAML or JSON, got Map keys must be unique/],
    [
      'a: &a [x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nd: [*c,*c,*c,*c]',
      /expected YAML or JSON, got Excessive alias/,
    ],
    [
      'constraints: [age >= 2]',
      "s.yaml:1: 'age >= 2': expected to be met somewhere in the ranges, got a sum of 0 to 1; change the constraint or the ranges",
    ],
    [
      'constraints:\n  - income - rate >= 50000.5\n  - income <= 50000',
      "s.yaml:3: 'income <= 50000': it cannot hold together with the other constraints, ranges and whole numbers; change one of them",
    ],
    [
      'constraints:\n  - age + grde <= 3',
      "s.yaml:2: expected a continuous or integer feature, got 'grde'; did you mean 'grade'?",
    ],
    [
      'constraints: [smoker <= 1]',
      "s.yaml:1: expected a continuous or integer feature, got 'smoker'; there are age, income, rate, grade, site",
    ],
    ['constraints: [age < 1]', "s.yaml:1: expected <=, >= or = at '< 1'; write it as 'a - 2 * b >= 6'"],
    ['constraints: [0 <= age <= 1]', "s.yaml:1: expected its end at '<= 1'; write one comparison a constraint"],
    ['constraints: [age +]', "s.yaml:1: expected a number or a feature before the end; write it as 'a - 2 * b >= 6'"],
    ['constraints: [age - age <= 1]', 's.yaml:1: expected a feature in it, got none; leave it out'],
    [
      'constraints: [{ terms: { agee: 1 }, equals: 1 }]',
      "s.yaml:1: expected a continuous or integer feature, got 'agee'; did you mean 'age'?",
    ],
    [
      'constraints: [{ terms: { age: 1 } }]',
      "s.yaml:1: expected 'at-least', 'at-most' or 'equals', got none; give one",
    ],
    [
      'constraints: [{ terms: { age: 1 }, equals: 1, at-most: 1 }]',
      "s.yaml:1: expected 'equals' alone, got another bound too; leave one out",
    ],
    [
      'constraints: [{ terms: { age: 1 }, at-least: 1, at-most: 0 }]',
      's.yaml:1: expected at-least to be at most at-most, got 1 and 0; swap them',
    ],
  ])('refuses the file %j', (text, message) => {
    expect(() => schemaOf(text)).toThrow(message instanceof RegExp ? message : new RegExp(`^${escaped(message)}$`));
  });

  test('sees contradictions that need several steps, and no others', () => {
    const names = ['a', 'b', 'c'];
    const seen: Observed[] = names.map(() => ({ low: 0, high: 100, isInteger: true }));
    const of = (...constraints: string[]) =>
      readSchema(
        JSON.stringify({ features: names.map((name) => ({ name, type: 'integer' })), constraints }),
        's',
        names,
        seen,
      );
    expect(() => of('a - b >= 6', 'a - b <= 5')).toThrow(/cannot hold together/);
    expect(() => of('a >= b + 1', 'b >= c + 1', 'c >= a + 1')).toThrow(/cannot hold together/);
    expect(() => of('3 * a = 100')).toThrow(/cannot hold together/);
    expect(of('a - b >= 5', 'a - b <= 5', 'a + b + c = 300 - 5').constraints).toHaveLength(3);
  });
});

describe('formulas', () => {
  const names = ['age', 'age-gap', 'petal length', '30-59 days', 'gap', '7'];
  const seen: Observed[] = names.map(() => ({ low: -1e3, high: 1e3, isInteger: false }));
  const termsOf = (text: string) => {
    const { features, constraints } = readSchema(JSON.stringify({ constraints: [text] }), 's', names, seen);
    const [{ terms, low, high }] = constraints as [(typeof constraints)[number]];
    return [Object.fromEntries(terms.map(({ feature: f, factor }) => [features[f]!.name, factor])), low, high];
  };
  const infinite = Number.POSITIVE_INFINITY;

  test.each([
    ['age-gap >= 1', { 'age-gap': 1 }, 1, infinite],
    ['age - gap >= 1', { age: 1, gap: -1 }, 1, infinite],
    ['age -gap >= 1', { age: 1, gap: -1 }, 1, infinite],
    ['2*petal length+30-59 days<=10', { 'petal length': 2, '30-59 days': 1 }, -infinite, 10],
    ['-age + 3 = gap * 0.5 - 1e1', { age: -1, gap: -0.5 }, -13, -13],
    ['7 <= age', { age: -1 }, -infinite, -7],
    ['age == age-gap + age-gap', { age: 1, 'age-gap': -2 }, 0, 0],
  ])('%s', (text, terms, low, high) => {
    expect(termsOf(text)).toEqual([terms, low, high]);
  });
});

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
