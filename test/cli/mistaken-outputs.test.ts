/** Places that cannot be written to: said before anything is computed, and nothing is left behind. */
import { mkdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { check, inMistakeFolder, type Row } from './mistake-check.js';
import { runScalpel } from './run-scalpel.js';

inMistakeFolder();

const prune = 'prune net.onnx --method magnitude --pattern 0.5 --provider cpu';

const noPermission =
  "expected a folder that can be written to, got no permission for 'sealed'; change it, or choose another place";

describe('outputs', () => {
  test.each<Row>([
    [
      `${prune} -o folder --force`,
      2,
      'folder: expected the name of a file, got a folder; name a file in it, or another',
    ],
    [
      `${prune} -o taken.onnx/o.onnx`,
      2,
      "taken.onnx: expected a folder, got the file 'taken.onnx'; choose another place",
    ],
    [
      `${prune} -o o.onnx --report taken.onnx`,
      2,
      "taken.onnx: expected a folder, got the file 'taken.onnx'; choose another place",
    ],
    [
      `${prune} -o o.onnx --run taken.onnx/run`,
      2,
      "taken.onnx/run: expected a folder, got the file 'taken.onnx'; choose another place",
    ],
    [
      `${prune} -o o.onnx --run o.onnx`,
      2,
      "prune: --run expected another place than --output, got 'o.onnx'; change one",
    ],
    [
      `${prune} -o o.onnx --report o.onnx.run`,
      2,
      "prune: --run expected another place than --report, got 'o.onnx.run'; change one",
    ],
    [
      `${prune} -o o.onnx --run theirs`,
      2,
      "theirs: expected a run directory or an empty folder, got one with 'notes.txt'; choose another with --run",
    ],
  ])('scalpel %s', check);

  test("somebody's own files in the run directory stay", () => {
    expect(readFileSync('theirs/notes.txt', 'utf8')).toBe('mine');
  });

  test.runIf(process.platform === 'linux').each<Row>([
    [
      `${prune} -o /proc/o.onnx`,
      2,
      "/proc/o.onnx.run: cannot be written (ENOENT: no such file or directory, mkdir '/proc/o.onnx.run'); choose another place",
    ],
    [
      `${prune} -o o.onnx --run /proc/run`,
      2,
      "/proc/run: cannot be written (ENOENT: no such file or directory, mkdir '/proc/run'); choose another place",
    ],
    [
      `${prune} -o o.onnx --report /proc/report`,
      2,
      "/proc/report: cannot be written (ENOENT: no such file or directory, mkdir '/proc/report'); choose another place",
    ],
    [
      'grad net.onnx --wrt weights --loss mse -o /proc/g.onnx',
      2,
      /^\/proc\/.*cannot be written \(.*\); choose another place$/,
    ],
  ])('a place where the system makes no files: scalpel %s', check);

  // to root nothing is read-only
  test.skipIf(process.getuid?.() === 0).each<Row>([
    [`${prune} -o sealed/o.onnx`, 2, `sealed: ${noPermission}`],
    [`${prune} -o o.onnx --run sealed/run`, 2, `sealed/run: ${noPermission}`],
    ['grad net.onnx --wrt weights --loss cross-entropy -o sealed/g.onnx', 2, `sealed: ${noPermission}`],
  ])('a folder that may not be written to: scalpel %s', async (...row) => {
    mkdirSync('sealed', { recursive: true, mode: 0o555 });
    await check(...row);
  });

  test.each([
    [
      ['prune', '', '--method', 'magnitude', '--pattern', '0.5'],
      'prune: expected MODEL, got an empty word; give its path',
    ],
    [['eval', 'net.onnx', '--data', ''], 'eval: --data expected a value, got an empty one; give one'],
  ])('empty words: %j', async (argv, message) => {
    expect(await runScalpel(argv)).toMatchObject({ exitCode: 2, stderr: `${message}\n` });
  });
});

test('a pattern that fits no layer is said beside the table', async () => {
  const { exitCode, stderr } = await runScalpel(
    'prune net.onnx --method magnitude --pattern 9x9:0.5 --provider cpu -o unfit.onnx'.split(' '),
  );
  expect(exitCode).toBe(0);
  expect(stderr).toContain('warning: the pattern does not fit 1 of 1 selected layers: they were left alone');
});
