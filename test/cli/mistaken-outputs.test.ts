/** Places that cannot be written to: said before anything is computed, and nothing is left behind. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { check, inMistakeFolder, type Row } from './mistake-check.js';
import { runScalpel } from './run-scalpel.js';

inMistakeFolder();

const prune = 'prune net.onnx --method magnitude --pattern 0.5 --provider cpu';

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

  test.runIf(process.platform === 'linux')('a place where the system makes no folders', async () => {
    await check(
      `${prune} -o /proc/o.onnx`,
      2,
      "/proc/o.onnx.run: cannot be written (ENOENT: no such file or directory, mkdir '/proc/o.onnx.run'); choose another place",
    );
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
