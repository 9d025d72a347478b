/** `scalpel convert` to forms that need more than a model: tokens, calibration data, and files of weights there and back. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ConvertReport } from '../../src/report/convert-report.js';
import { runScalpel } from '../cli/run-scalpel.js';
import { newFolder } from './prune-requests.js';

const folder = newFolder();
const bundled = (path: string): string => new URL(`../../${path}`, import.meta.url).pathname;
const iris = bundled('models/iris/model.onnx');
const gpt = bundled('models/gpt-sotu/model.onnx');
const calibration = ['--calibration', bundled('calibration/iris.csv'), '--label-column', 'species'];
const cpu = ['--provider', 'cpu', '--quiet'];

let made = 0;
const place = (): string => {
  const path = join(folder, `forms-${made++}`);
  mkdirSync(path);
  return path;
};

async function convert(...argv: readonly string[]): Promise<ConvertReport> {
  const { exitCode, stdout, stderr } = await runScalpel(['convert', ...argv, '--json', ...cpu]);
  expect([exitCode, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

describe('files of weights', () => {
  test.each([
    ['bitmask', gpt, '0.6'],
    ['csr', gpt, '0.9'],
    ['nm-packed', gpt, '2:4'],
  ])('%s of a pruned model gives it back, byte for byte', async (target, model, pattern) => {
    const at = place();
    const [pruned, weights, back] = ['p.onnx', 'w.safetensors', 'b.onnx'].map((name) => join(at, name)) as [
      string,
      string,
      string,
    ];
    const asked = ['--method', 'magnitude', '--pattern', pattern, '-o', pruned];
    expect((await runScalpel(['prune', model, ...asked, ...cpu])).exitCode).toBe(0);
    const report = await convert(pruned, '--to', target, '--max-error', '0', '-o', weights);
    expect(report.model.after.bytes).toBeLessThan(0.8 * report.model.before.bytes);
    expect(report.tensors.some(({ to }) => to === 'float32')).toBe(true);
    await convert(model, '--to', 'dense', '--weights', weights, '-o', back);
    expect(readFileSync(back).equals(readFileSync(pruned))).toBe(true);
    expect((await runScalpel(['compare', pruned, back, ...cpu])).exitCode).toBe(0);
  });
});

describe('calibration', () => {
  test.each([
    ['int8', 'activations=static', 'activations=none'],
    ['low-rank', 'fit=outputs', 'fit=weights'],
  ])('%s looks at it on request, and says where it does not', async (target, looks, looksNot) => {
    const at = place();
    const unread = 'the calibration data were not looked at: with these settings the form needs none';
    // small weights that nothing would be won with stay, so both need a larger model
    const model = bundled('models/cbf-fcn/model.onnx');
    const data = ['--calibration', bundled('calibration/cbf-train.tsv'), '--calibration-samples', '10'];
    const first = await convert(model, '--to', target, '--set', looks, ...data, '-o', join(at, 'a.onnx'));
    expect(first.notes).not.toContain(unread);
    expect(first.data.calibration).toMatchObject({ samples: 10 });
    const other = await convert(model, '--to', target, '--set', looksNot, ...data, '-o', join(at, 'b.onnx'));
    expect(other.notes).toContain(unread);
    expect(readFileSync(join(at, 'a.onnx')).equals(readFileSync(join(at, 'b.onnx')))).toBe(false);
  });

  test('of a form that looks at none is refused', async () => {
    const { exitCode, stderr } = await runScalpel(['convert', iris, '--to', 'float16', ...calibration, '-o', 'o.onnx']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--to float16 looks at no data, got --calibration');
  });
});

describe('tokens', () => {
  const text = 'Fellow citizens of the Senate and of the House of Representatives: the state of the Union is strong.';

  test('of a text, of a list, or both are kept, with a tokenizer beside the model', async () => {
    const at = place();
    writeFileSync(join(at, 'corpus.txt'), text.repeat(20));
    writeFileSync(join(at, 'ids.txt'), '2000 2001');
    const out = join(at, 'small', 'model.onnx');
    const from = ['--tokens-from', join(at, 'corpus.txt'), '--tokens', join(at, 'ids.txt'), '--seq-len', '32'];
    const report = await convert(gpt, '--to', 'trim-vocabulary', ...from, '-o', out);
    const names = ['model.onnx', 'tokenizer.json', 'tokens.json'];
    expect(report.files.map(({ path }) => path).sort()).toEqual(names.map((name) => join(at, 'small', name)));
    expect(report.files[0]!.path).toBe(out);
    expect(report).toMatchObject({ opens: true, outputs: { outputs: [] }, settings: { tokens: join(at, 'ids.txt') } });
    expect(report.outputs.failure).toMatch(/other token ids/);
    expect(report.timing.latency!.afterMs).toBeGreaterThan(0);
    expect(report.notes).toContain(
      'both models were timed on the same random tokens, which say nothing of their answers',
    );
    expect(report.data.tokens!.samples).toBeGreaterThan(0);
    expect(JSON.parse(readFileSync(join(at, 'small', 'tokens.json'), 'utf8')).old).toEqual(
      expect.arrayContaining([2000, 2001]),
    );
    // the tokenizer beside it is found by itself
    const scored = await runScalpel(['eval', out, '--data', join(at, 'corpus.txt'), '--seq-len', '32', ...cpu]);
    expect([scored.exitCode, scored.stderr]).toEqual([0, expect.stringContaining('perplexity')]);
  });

  test('files beside the model are neither replaced without --force, nor where they are read', async () => {
    const at = place();
    writeFileSync(join(at, 'ids.json'), '[5, 6, 7]');
    writeFileSync(join(at, 'tokenizer.json'), 'mine');
    const asked = ['convert', gpt, '--to', 'trim-vocabulary', '--tokens', join(at, 'ids.json'), ...cpu];
    const taken = await runScalpel([...asked, '-o', join(at, 'o.onnx')]);
    expect([taken.exitCode, taken.stderr]).toEqual([
      2,
      `${join(at, 'tokenizer.json')}: already exists; add --force to replace it, or choose another --output\n`,
    ]);
    expect(readdirSync(at).sort()).toEqual(['ids.json', 'tokenizer.json']);
    const own = await runScalpel([...asked, '--force', '-o', bundled('models/gpt-sotu/other.onnx')]);
    expect(own.exitCode).toBe(2);
    expect(own.stderr).toContain('tokenizer.json: is a file that the command reads, and is never overwritten');
    expect(existsSync(bundled('models/gpt-sotu/other.onnx'))).toBe(false);
    const clash = await runScalpel([...asked, '-o', join(at, 'tokens.json')]);
    expect([clash.exitCode, clash.stderr]).toEqual([
      2,
      `${join(at, 'tokens.json')}: expected a name that no file beside the model has; choose another --output\n`,
    ]);
  });
});
