/** Runs that are killed from outside: the same command goes on, to the same bytes. `scripts/study-kill.mjs` is the long form. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fillDisk, isMountable } from '../../scripts/study/full-disk.mjs';
import { command, differences, finalFiles, start, waitForGroup } from '../../scripts/study/kill-run.mjs';

const folder = mkdtempSync(join(tmpdir(), 'scalpel-kills-'));
const place = join(folder, 'out');
const words = [...command('models/gpt-sotu/model.onnx', place, '2'), '--seq-len', '32'];
let whole: ReturnType<typeof finalFiles>;

const fresh = (): void => {
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place);
};

beforeAll(async () => {
  fresh();
  expect((await start(words).ended).code).toBe(0);
  whole = finalFiles(place);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.runIf(process.platform === 'linux')('a run that ends before its time', () => {
  test.each([
    ['of its group, between regions', /prune: [1-5] of/, -1],
    ['of its parent alone', /prune: [1-5] of/, 1],
    ['of its group, while it measures what it made', /measure size and speed: 0 of/, -1],
  ] as const)('%s, goes on to the same bytes', async (_name, when, sign) => {
    fresh();
    let isSent = false;
    const run = start(words, (stderr) => {
      if (isSent || !when.test(stderr)) return;
      isSent = process.kill(sign * run.pid, 'SIGKILL');
    });
    expect((await run.ended).code).toBe('SIGKILL');
    await waitForGroup(run.pid);
    expect(differences(whole, finalFiles(place), 'those there')).toEqual([]);
    const { code, stderr } = await start(words).ended;
    expect([code, stderr]).toEqual([0, expect.stringContaining('resuming the run')]);
    expect(differences(whole, finalFiles(place), 'all')).toEqual([]);
  });

  test.runIf(isMountable())('by a full disk says so once, and goes on when there is room', async () => {
    rmSync(place, { recursive: true, force: true });
    mkdirSync(place);
    const disk = fillDisk(place, 80);
    try {
      const { code, stderr } = await start(words, (text) => /prune: [1-9] of/.test(text) && disk.leave(1)).ended;
      expect(code).toBe(2);
      expect(stderr.match(/^.*ENOSPC.*$/gm)).toEqual([expect.stringMatching(/cannot be written .*; free some space$/)]);
      disk.free();
      expect((await start(words).ended).code).toBe(0);
      expect(differences(whole, finalFiles(place), 'all')).toEqual([]);
    } finally {
      disk.unmount();
    }
  });
});

test.runIf(process.platform === 'linux')('standard output without room is an error, not a stack', () => {
  const { status, stderr } = failure('node bin/scalpel.js inspect models/gpt-sotu/model.onnx --json > /dev/full');
  expect([status, stderr.trim()]).toEqual([
    2,
    'standard output: cannot be written (ENOSPC: no space left on device, write); free some space',
  ]);
});

function failure(line: string): { status: number; stderr: string } {
  try {
    execFileSync('sh', ['-c', line], { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
    return { status: 0, stderr: '' };
  } catch (error) {
    return error as { status: number; stderr: string };
  }
}
