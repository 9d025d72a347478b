/** The page of a bench: complete, self-contained, in words too, and safe whatever names are in it. */
import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import { benchText } from '../../src/cli/bench-text.js';
import { pairedRatio, timedOf } from '../../src/evaluate/timed.js';
import { benchNames } from '../../src/report/bench-names.js';
import { renderBenchHtml } from '../../src/report/bench-page.js';
import type { BenchedModel, BenchReport } from '../../src/report/bench-report.js';
import { benchVerdict } from '../../src/report/bench-verdict.js';
import { benchWarnings } from '../../src/report/bench-warnings.js';
import { random } from '../../src/tensor/random.js';

interface Sample {
  /** Paths with the factor of their times. */
  readonly models?: readonly (readonly [path: string, factor: number])[];
  readonly rounds?: number;
  readonly hasLoads?: boolean;
  readonly failure?: string;
  readonly loadBefore?: number;
}

function sample({ models = [], rounds = 20, hasLoads = true, failure, loadBefore = 0.1 }: Sample): BenchReport {
  const costs = models.map(([, factor], m) =>
    [...random(m, 'times').uniforms(rounds)].map((u) => [
      { milliseconds: factor * (1 + 0.05 * u), processorMilliseconds: 2 * factor },
    ]),
  );
  const report: Omit<BenchReport, 'warnings'> = {
    schemaVersion: 1,
    kind: 'bench',
    models: models.map(
      ([path], i): BenchedModel => ({
        file: { path, sha256: 'ab'.repeat(32), bytes: 1000 * (i + 1), gzipBytes: 500 },
        isGzipEstimated: false,
        latency: timedOf(costs[i]!, 1),
        ...(i > 0 && { ratio: pairedRatio(costs[i]!, costs[0]!) }),
        roundMilliseconds: costs[i]!.map(([cost]) => cost!.milliseconds),
        ...(hasLoads && {
          load: { medianMilliseconds: 5, leastMilliseconds: 4, mostMilliseconds: 9, firstRunMilliseconds: 2, loads: 5 },
          memory: { bytes: 1_000_000, leastBytes: 900_000, mostBytes: 1_100_000, baselineBytes: 1e8 },
        }),
        ...(i > 0 && {
          outputs: failure
            ? { samples: 1, outputs: [], failure }
            : { samples: 1, outputs: [{ name: 'y', relative: 0.25, maxAbsolute: 1 }] },
        }),
      }),
    ),
    data: { description: 'random numbers, seed 0', files: [], isRandom: true },
    settings: {
      ...{ batch: 1, runs: 100, seconds: 10, warmUp: 3, loads: 5, isolate: false, seed: 0 },
      ...{ provider: 'cpu', threads: 2 },
    },
    machine: { processor: 'a processor', cores: 4, loadBefore },
    reproduce: {
      command: ['scalpel', 'bench', ...models.map(([path]) => path)],
      versions: { 'onnx-scalpel': '1.0.0' },
    },
    timing: { totalSeconds: 3, stages: [{ stage: 'time', seconds: 2 }] },
  };
  return { ...report, warnings: benchWarnings(report) };
}

const two = [
  ['a/model.onnx', 2],
  ['b/model.onnx', 1],
] as const;
const [what, how, again] = ['Size, loading and memory', 'How it was measured', 'How to reproduce'];

const cases: Record<string, { report: BenchReport; sections: string[]; charts: number }> = {
  'two models': {
    report: sample({ models: two }),
    sections: ['Warnings', 'Time', what, 'Outputs', how, again],
    charts: 3,
  },
  'one model': { report: sample({ models: [two[0]] }), sections: ['Warnings', 'Time', what, how, again], charts: 2 },
  'few rounds and no loads, of models far apart': {
    report: sample({ models: [...two, ['c.onnx', 300]], rounds: 3, hasLoads: false }),
    sections: ['Warnings', 'Time', what, 'Outputs', how, again],
    charts: 2,
  },
};

describe.each(Object.entries(cases))('the page of %s', (_, { report, sections, charts }) => {
  const text = renderBenchHtml(report);
  const { document } = parseHTML(text);

  test('asks for nothing from outside and runs nothing', () => {
    expect(document.querySelectorAll('script, link, img, iframe, object, embed, form')).toHaveLength(0);
    expect(text.replaceAll('http://www.w3.org/', '')).not.toMatch(/https?:|url\((?!#)|@import/);
  });

  test('has its parts under headings, no id twice', () => {
    expect([...document.querySelectorAll('h2')].map(({ textContent }) => textContent)).toEqual(sections);
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('draws every chart, and says in words what is drawn', () => {
    const drawn = [...document.querySelectorAll('figure svg')];
    expect(drawn).toHaveLength(charts);
    for (const svg of drawn) {
      expect(svg.closest('[role=img]')?.getAttribute('aria-label')).toBeTruthy();
      expect(svg.outerHTML).not.toMatch(/NaN|Infinity|undefined/);
    }
    expect(document.body.textContent).not.toMatch(/NaN|undefined|\[object/);
  });

  test('names every model in every table of models', () => {
    const rows = [...document.querySelectorAll('section')]
      .filter((part) => ['Time', what].includes(part.querySelector('h2')?.textContent ?? ''))
      .map((part) => [...part.querySelectorAll('tbody th')].map(({ textContent }) => textContent));
    expect(rows).toEqual([benchNames(report), benchNames(report)]);
  });
});

test('names that would be markup are shown as text, on the page and in the terminal', () => {
  const name = '<img src=x onerror=alert(1)>"\u202e\u001b[2J';
  const models = [
    [name, 1],
    [`${name}2`, 2],
  ] as const;
  const report = sample({ models, failure: name, loadBefore: 9 });
  const { document } = parseHTML(renderBenchHtml(report));
  expect(document.querySelectorAll('img')).toHaveLength(0);
  expect(document.body.textContent).not.toContain('\u202e');
  for (const character of ['\u202e', '\u001b']) expect(benchText(report, name)).not.toContain(character);
});

describe('names of models', () => {
  test.each([
    [['a.onnx'], ['a.onnx']],
    [
      ['x/a.onnx', 'x/b.onnx'],
      ['a.onnx', 'b.onnx'],
    ],
    [
      ['/x/a/model.onnx', '/x/b/model.onnx'],
      ['a/model.onnx', 'b/model.onnx'],
    ],
    [
      ['model.onnx', 'b/model.onnx'],
      ['model.onnx', 'b/model.onnx'],
    ],
    [
      ['x/a.onnx', 'x/a.onnx', 'c.onnx'],
      ['a.onnx', 'a.onnx (2)', 'c.onnx'],
    ],
  ])('%j are called %j', (paths, names) => {
    expect(benchNames(sample({ models: paths.map((path) => [path, 1] as const) }))).toEqual(names);
  });
});

describe('what a bench comes to', () => {
  test('a model that is told apart', () => {
    expect(benchVerdict(sample({ models: two }))).toMatch(
      /^b\/model\.onnx takes 0\.\d+ \(0\.\d+ to 0\.\d+\) times as long as a\/model\.onnx, at batch 1 on 2 threads of cpu\.$/,
    );
  });

  test('the fastest of several, and doubt where the interval holds 1', () => {
    const models = [...two.slice(0, 1), ['c.onnx', 2], ['d.onnx', 4]] as const;
    expect(benchVerdict(sample({ models, rounds: 5 }))).toMatch(
      /^c\.onnx, the fastest of 2 beside it, takes \S+ times as long as model\.onnx, which does not tell the two apart/,
    );
  });

  test.each<[string, Sample, RegExp | undefined]>([
    ['a busy machine', { models: two, loadBefore: 3 }, /^the machine was busy before: 3 processes wanted its 4 cores$/],
    ['few rounds', { models: two, rounds: 5 }, /^5 rounds are too few for intervals at 95 %/],
    ['other outputs', { models: two, failure: 'y has another shape' }, /other outputs than the first model: y has/],
    ['nothing', { models: two }, undefined],
  ])('warns of %s', (_, given, expected) => {
    const { warnings } = sample(given);
    // of random inputs it warns always
    expect(warnings.slice(0, -1)).toEqual(expected ? [expect.stringMatching(expected)] : []);
  });

  test('warns where other processes made the longer runs longer', () => {
    const report = sample({ models: two, loadBefore: 9 });
    const [first, second] = report.models as [BenchedModel, BenchedModel];
    const slowed = {
      ...second,
      ratio: { ...second.ratio!, processor: { median: 0.4, quartiles: [0.4, 0.4] as const } },
    };
    expect(benchWarnings({ ...report, models: [first, slowed] })).toContainEqual(
      expect.stringMatching(/its processor time 0\.400: other processes interrupt long runs more than short ones/),
    );
  });
});
