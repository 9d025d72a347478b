/** Checks what a mistaken command line says; call `inMistakeFolder` before, so that its files are there. */
import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { gpt, writeMistakeFiles } from './mistake-files.js';
import { runScalpel } from './run-scalpel.js';

const home = process.cwd();
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'scalpel-mistakes-')));

/** Runs the tests of a file in a folder of its own. */
export function inMistakeFolder(): void {
  beforeAll(() => {
    process.chdir(folder);
    writeMistakeFiles();
  });
  afterAll(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true, force: true });
  });
}

/** Words of the command line, exit code, message; GPT stands for the bundled model, OK for what a prune needs besides. */
export type Row = readonly [string, number, string | RegExp];

const shorthands: Readonly<Record<string, readonly string[]>> = {
  GPT: [gpt],
  OK: ['--method', 'magnitude', '--pattern', '0.5', '-o', 'o.onnx', '--provider', 'cpu'],
  ANY: ['--method', 'magnitude', '-o', 'o.onnx'],
};

export async function check(line: string, exitCode: number, message: string | RegExp): Promise<void> {
  const before = readdirSync('.');
  const argv = line.split(' ').flatMap((word) => shorthands[word] ?? [word]);
  const outcome = await runScalpel(argv);
  const said = outcome.stderr.trimEnd().split('\n').at(-1);
  if (typeof message === 'string') expect(said).toBe(message);
  else expect(said).toMatch(message);
  expect(outcome.exitCode).toBe(exitCode);
  expect(outcome.stdout).toBe('');
  expect(readdirSync('.').filter((name) => !name.endsWith('.run'))).toEqual(
    before.filter((name) => !name.endsWith('.run')),
  );
}
