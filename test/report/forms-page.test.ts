/** The page of a comparison of forms: complete, self-contained, in words too, and safe whatever names are in it. */
import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import { formsText } from '../../src/cli/forms-text.js';
import { pairedRatio, timedOf } from '../../src/evaluate/timed.js';
import { renderFormsHtml } from '../../src/report/forms-page.js';
import type { FormFigures, FormReport, FormsReport } from '../../src/report/forms-report.js';
import { formsVerdict } from '../../src/report/forms-verdict.js';
import { random } from '../../src/tensor/random.js';

const costs = (factor: number) =>
  [...random(0, 'times').uniforms(20)].map((u) => [
    { milliseconds: factor * (1 + 0.05 * u), processorMilliseconds: 2 },
  ]);

const figures = (factor: number): FormFigures => ({
  latency: timedOf(costs(factor), 1),
  ...(factor !== 1 && { ratio: pairedRatio(costs(factor), costs(1)) }),
  roundMilliseconds: costs(factor).map(([cost]) => cost!.milliseconds),
  load: { medianMilliseconds: 5, leastMilliseconds: 4, mostMilliseconds: 9, firstRunMilliseconds: 2, loads: 5 },
  memory: { bytes: 1_000_000, leastBytes: 900_000, mostBytes: 1_100_000, baselineBytes: 1e8 },
});

const form = (name: string, bytes: number, more: Partial<FormReport> = {}): FormReport => ({
  ...{ name, target: name, options: {}, writes: 'onnx', bytes, gzipBytes: bytes / 2, isGzipEstimated: false },
  ...{ tensors: 1, isWithin: true, notes: [] },
  outputs: { inputs: 'random numbers', outputs: [{ name: 'y', largest: 0.1, relative: 0.001 }] },
  ...more,
});

const sample = (forms: readonly FormReport[], more: Partial<FormsReport> = {}): FormsReport => ({
  ...{ schemaVersion: 1, kind: 'forms', forms, left: [], warnings: [], data: {} },
  model: { path: '/models/net.onnx', sha256: 'ab'.repeat(32), bytes: 1000, gzipBytes: 900 },
  original: figures(1),
  settings: {
    ...{ options: { by: 'bytes', runs: 100, seconds: 3, loads: 5 }, include: [], exclude: [], maxError: 0.01 },
    ...{ seed: 0, threads: 2, provider: 'cpu' },
  },
  reproduce: { command: ['scalpel', 'convert', 'net.onnx', '--to', 'auto'], versions: { 'onnx-scalpel': '1.0.0' } },
  timing: { totalSeconds: 3, stages: [{ stage: 'measure', seconds: 2 }] },
  ...more,
});

const half = form('float16', 500, { figures: figures(1.5) });
const quick = form('int8', 700, { figures: figures(0.5) });
const tiny = form('low-rank', 100, { figures: figures(0.2), isWithin: false });
const packed = form('bitmask', 50, { notRun: 'weights for other readers, no model', writes: 'safetensors' });

describe('the verdict', () => {
  test.each<[string, FormsReport, string]>([
    [
      'names the smallest and the fastest of those that run and are within the limit',
      sample([half, quick, tiny, packed]),
      '4 forms were made; within an output error of 0.01, the smallest is float16 (−50.0 %) and the fastest int8 (2.00 × as fast).',
    ],
    [
      'says what is written',
      sample([half], { written: { name: 'float16', files: [{ path: 'o.onnx', bytes: 500 }] } }),
      '1 form was made; within an output error of 0.01, the smallest is float16 (−50.0 %) and none is faster; float16 is written.',
    ],
    [
      'says that nothing is good enough',
      sample([tiny]),
      '1 form was made; none is smaller or faster within an output error of 0.01.',
    ],
  ])('%s', (_, report, text) => {
    expect(formsVerdict(report).replaceAll('\u202f', ' ')).toBe(text);
  });
});

describe('the page', () => {
  const hostile = '<script>alert(1)</script>';
  const report = sample([half, { ...quick, notes: [hostile] }, packed], {
    left: [{ name: hostile, reason: hostile }],
    warnings: [hostile],
  });
  const page = renderFormsHtml(report);
  const { document } = parseHTML(page);

  test('has a row for the model and each form in both tables, as far as they are run', () => {
    const rows = [...document.querySelectorAll('table')].map((table) =>
      [...table.querySelectorAll('tbody th')].map(({ textContent }) => textContent),
    );
    expect(rows[0]).toEqual(['as it came', 'float16', 'int8', 'bitmask']);
    expect(rows[1]).toEqual(['as it came', 'float16', 'int8']);
    expect(document.querySelectorAll('svg')).toHaveLength(2);
  });

  test('runs nothing, loads nothing, and shows names as they are', () => {
    expect(document.querySelectorAll('script, link, img')).toHaveLength(0);
    expect(page).not.toContain(hostile);
    expect(document.body.textContent).toContain(hostile);
  });

  test('says the same in a terminal', () => {
    const text = formsText(report, { report: 'folder', force: false });
    for (const word of ['float16', 'int8', 'bitmask', 'not made', 'folder/report.html']) expect(text).toContain(word);
  });
});

test('a model that is not run has forms without times', () => {
  const { original: _, ...rest } = sample([form('float16', 500, { notRun: 'ONNX Runtime does not run it' })]);
  const { document } = parseHTML(renderFormsHtml(rest));
  expect(document.body.textContent).toContain('not timed: ONNX Runtime does not run it');
  expect(document.querySelectorAll('svg')).toHaveLength(1);
});
