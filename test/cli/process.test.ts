/** The built command as a process: what goes to which stream, closed pipes, Ctrl-C. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'scalpel-process-'));
const model = 'models/gpt-sotu/model.onnx';

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const start = (...words: readonly string[]): ChildProcess =>
  spawn(process.execPath, ['bin/scalpel.js', ...words], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param onText is given all of stderr each time something is added to it. */
function ended(child: ChildProcess, onText: (stderr: string) => void = () => {}): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    onText(stderr);
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

describe('streams', () => {
  const data = ['--data', 'calibration/sotu-heldout.yaml', '--samples', '4', '--provider', 'cpu'];

  test('--json puts one document on stdout and nothing else there', async () => {
    const { code, stdout } = await ended(start('eval', model, ...data, '--json'));
    expect(code).toBe(0);
    const { schemaVersion, kind, perplexity, windows, seqLen } = JSON.parse(stdout);
    expect({ schemaVersion, kind, windows, seqLen }).toEqual({
      schemaVersion: 1,
      kind: 'eval',
      windows: 4,
      seqLen: 128,
    });
    expect(perplexity).toBeGreaterThan(1);
  });

  test('text and progress go to stderr', async () => {
    const { code, stdout, stderr } = await ended(start('eval', model, ...data));
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toMatch(/evaluate: 4 of 4 samples/);
    expect(stderr).toMatch(/perplexity +\d/);
  });

  test('--quiet leaves the result', async () => {
    const { stderr } = await ended(start('eval', model, ...data, '--quiet'));
    expect(stderr).not.toMatch(/samples,/);
    expect(stderr).toMatch(/perplexity +\d/);
  });

  test('a mistake ends the process with its exit code', async () => {
    const { code, stderr } = await ended(start('inspect', 'missing.onnx'));
    expect([code, stderr]).toEqual([2, 'missing.onnx: no such file; check the path\n']);
  });

  test('a reader that goes away is no failure', async () => {
    const child = start('inspect', model, '--json');
    child.stdout?.destroy();
    const { code, stderr } = await ended(child);
    expect([code, stderr]).toEqual([0, '']);
  });
});

describe.skipIf(process.platform === 'win32')('Ctrl-C', () => {
  const output = join(folder, 'pruned.onnx');
  const words = [
    ...['prune', model, '--method', 'sparsegpt', '--pattern', '0.5', '--calibration', 'calibration/sotu.yaml'],
    ...['--samples', '64', '--provider', 'cpu', '--output', output],
  ];

  test('stops after the current step with 130, and the same command goes on from there', async () => {
    const first = start(...words);
    let isSent = false;
    const { code, stderr } = await ended(first, (text) => {
      if (isSent || !/prune: [1-5] of 6/.test(text)) return;
      isSent = first.kill('SIGINT');
    });
    expect(stderr).toMatch(/\ninterrupted: stopping after the current step/);
    expect([code, existsSync(output), existsSync(`${output}.run`)]).toEqual([130, false, true]);

    const second = await ended(start(...words));
    expect(second.stderr).toMatch(/resuming the run/);
    expect([second.code, existsSync(output), existsSync(`${output}.run`)]).toEqual([0, true, false]);
  });
});
