/** `scalpel convert --to auto` and several forms: what is made, compared, left out, chosen and written. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { targets } from '../../src/convert/index.js';
import type { ConvertReport } from '../../src/report/convert-report.js';
import type { FormsReport } from '../../src/report/forms-report.js';
import { runScalpel } from '../cli/run-scalpel.js';
import { newFolder } from './prune-requests.js';

const folder = newFolder();
const bundled = (path: string): string => new URL(`../../${path}`, import.meta.url).pathname;
const fcn = bundled('models/cbf-fcn/model.onnx');
const gpt = bundled('models/gpt-sotu/model.onnx');
const cbf = ['--data', bundled('calibration/cbf-train.tsv'), '--samples', '10'];
const calibration = ['--calibration', bundled('calibration/cbf-train.tsv'), '--calibration-samples', '10'];
const cpu = ['--provider', 'cpu', '--quiet'];
/** Nothing is asserted of times, so few are taken. */
const quick = ['--set', 'runs=2', '--set', 'seconds=0', '--set', 'loads=1'];

let made = 0;
const place = (): string => {
  const path = join(folder, `auto-${made++}`);
  mkdirSync(path);
  return path;
};

async function compared(...argv: readonly string[]): Promise<FormsReport> {
  const { exitCode, stdout, stderr } = await runScalpel(['convert', ...argv, '--json', ...quick, ...cpu]);
  expect([exitCode, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

const byName = ({ forms }: FormsReport, name: string) => forms.find((form) => form.name === name)!;

describe('every form', () => {
  test('is made and measured or left out with its reason, and the smallest within the limit is written', async () => {
    const at = place();
    const out = join(at, 'best.onnx');
    const report = await compared(fcn, '--to', 'auto', ...cbf, ...calibration, '-o', out);
    const named = [...report.forms, ...report.left].map(({ name }) => name.split(' ')[0]);
    expect(new Set(named)).toEqual(new Set(Object.keys(targets)));
    expect(report.left.find(({ name }) => name === 'trim-vocabulary')!.reason).toMatch(/no tokens to keep/);
    expect(report.left.find(({ name }) => name === 'dense')!.reason).toMatch(/^expected a sparse initializer/);

    const half = byName(report, 'float16');
    expect(half.bytes).toBeLessThan(0.6 * report.model.bytes);
    expect(half.figures).toMatchObject({ load: { loads: 1 }, latency: { rounds: 2 } });
    expect(half.figures!.memory!.bytes).toBeGreaterThanOrEqual(0);
    expect(half.quality).toMatchObject({ metric: 'top-1 accuracy' });

    const worst = (name: string): number =>
      Math.max(...byName(report, name).outputs.outputs.map(({ relative }) => relative!));
    for (const { name, isWithin } of report.forms) expect(isWithin).toBe(worst(name) <= 0.01);
    const runs = report.forms.filter(({ isWithin, figures }) => isWithin && figures);
    const least = Math.min(...runs.map(({ bytes }) => bytes));
    expect(byName(report, report.written!.name).bytes).toBe(least);
    expect(report.written!.files.map(({ path }) => path)).toEqual([out]);
    expect(readdirSync(at).sort()).toEqual(['best.onnx', 'best.onnx.report']);
    expect(readdirSync(join(at, 'best.onnx.report')).sort()).toEqual(['report.html', 'report.json']);

    // as the same form asked for alone
    const { target, options } = byName(report, report.written!.name);
    const asked = Object.entries(options).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
    const alone = join(at, 'alone.onnx');
    const takes = target === 'int8' || target === 'low-rank' ? calibration : [];
    const one = await runScalpel(['convert', fcn, '--to', target, ...asked, ...takes, '-o', alone, '--json', ...cpu]);
    expect(one.exitCode).toBe(0);
    expect((JSON.parse(one.stdout) as ConvertReport).model.after.bytes).toBe(least);
    expect(readFileSync(alone).equals(readFileSync(out))).toBe(true);
  });

  test('is only compared where no file is named', async () => {
    const at = place();
    const report = await compared(fcn, '--to', 'auto', ...cbf, '--report', join(at, 'forms'));
    expect(report.written).toBeUndefined();
    expect(readdirSync(at)).toEqual(['forms']);
    expect(statSync(join(at, 'forms', 'report.html')).size).toBeGreaterThan(10_000);
  });
});

describe('some forms', () => {
  test('are tried with what is set of them, and others are not', async () => {
    const report = await compared(fcn, '--to', 'float16,external', '--set', 'float16.io=convert', ...cbf);
    expect(report.forms.map(({ name, options }) => [name, options])).toEqual([
      ['float16 io=convert', { io: 'convert' }],
      ['external', {}],
    ]);
    expect(report.left).toEqual([]);
    expect(byName(report, 'external').outputs.outputs[0]!.relative).toBe(0);
  });

  test('that change token ids are timed alone, files of weights are not run, and neither is chosen', async () => {
    const at = place();
    const tokens = ['--tokens-from', bundled('calibration/sotu-heldout.yaml')];
    const out = join(at, 'o.onnx');
    const report = await compared(gpt, '--to', 'trim-vocabulary,float16,bitmask', ...tokens, '-o', out);
    const trimmed = byName(report, 'trim-vocabulary');
    expect(trimmed.bytes).toBeLessThan(report.model.bytes);
    expect([trimmed.isWithin, trimmed.notRun]).toEqual([false, undefined]);
    expect(trimmed.outputs.failure).toMatch(/other token ids/);
    // on random tokens that both have
    expect(trimmed.figures).toMatchObject({ latency: { rounds: 2 }, load: { loads: 1 } });
    const tensors = byName(report, 'bitmask');
    expect([tensors.figures, tensors.notRun]).toEqual([undefined, 'weights for other readers, no model']);
    expect(tensors.outputs.outputs.every(({ relative }) => relative === 0)).toBe(true);
    expect(report.written!.name).toMatch(/^float16/);
    expect(existsSync(join(at, 'tokenizer.json'))).toBe(false);
  });
});

describe('nothing is written', () => {
  test.each([
    [
      ['--max-error', '0'],
      /outputs change by at most 0 of their norm and that has less bytes on disk than the model, got none of 1; nothing was written/,
    ],
    [
      ['--max-drop', '0', '--set', 'by=gzip', ...cbf],
      /quality drops by at most 0 and that has less bytes through gzip -6/,
    ],
  ])('where no form is good enough: %j', async (asked, message) => {
    const at = place();
    // low rank moves every output, and costs some of the answers
    const lossy = ['--to', 'low-rank,nm-dense', '--set', 'rank=0.05'];
    const argv = ['convert', fcn, ...lossy, ...asked, '-o', join(at, 'o.onnx'), ...quick, ...cpu];
    const { exitCode, stderr } = await runScalpel(argv);
    expect(stderr).toMatch(message);
    expect(exitCode).toBe(4);
    expect(readdirSync(at)).toEqual([]);
  });

  test('by a dry run, which names what would be left out', async () => {
    const at = place();
    const argv = ['convert', fcn, '--to', 'auto', '-o', join(at, 'o.onnx'), '--dry-run', '--json', ...cpu];
    const { exitCode, stdout } = await runScalpel(argv);
    expect(exitCode).toBe(0);
    const { warnings, estimate } = JSON.parse(stdout);
    expect(warnings).toContainEqual(expect.stringMatching(/^dense is left out: dense: expected a sparse initializer/));
    expect(estimate.seconds).toBeGreaterThan(0);
    expect(readdirSync(at)).toEqual([]);
  });
});
