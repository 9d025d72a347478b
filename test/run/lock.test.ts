import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ownToken } from '../../src/files/owner.js';
import { Lock } from '../../src/run/lock.js';

const racer = fileURLToPath(new URL('./fixtures/lock-racer.mjs', import.meta.url));
const [pid, start, boot, place] = ownToken().split('-') as [string, string, string, string];
const dead = [pid, '12', boot, place].join('-');
const elsewhere = [pid, start, boot, '00000000'].join('-');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scalpel-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('Lock', () => {
  test('keeps a second one out until it is released', async () => {
    const lock = await Lock.take(folder);
    await expect(Lock.take(folder)).rejects.toThrow(
      `${folder}: process ${process.pid} is working in this run directory; wait for it, or choose another with --run`,
    );
    lock.release();
    (await Lock.take(folder)).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('tells its holder when the folder is gone', async () => {
    const lock = await Lock.take(folder);
    lock.assertHeld();
    rmSync(folder, { recursive: true });
    expect(() => lock.assertHeld()).toThrow('the lock is gone: the run directory was removed or taken over');
    lock.release();
  });
});

describe.runIf(process.platform === 'linux')('a lock left by another process', () => {
  test('is taken over when that process is dead, though its id lives again', async () => {
    writeFileSync(join(folder, `lock.${dead}`), '');
    const lock = await Lock.take(folder);
    expect(readdirSync(folder)).toEqual([`lock.${ownToken()}`]);
    lock.release();
  });

  test('of another machine holds as long as there are signs of life', async () => {
    writeFileSync(join(folder, `lock.${elsewhere}`), '');
    await expect(Lock.take(folder)).rejects.toThrow(/process \d+ of another machine or container is working/);
    utimesSync(join(folder, `lock.${elsewhere}`), 1e9, 1e9);
    (await Lock.take(folder)).release();
  });

  test('falls to exactly one of several that race for it', async () => {
    writeFileSync(join(folder, `lock.${dead}`), '');
    const moment = String(Date.now() + 700);
    const racers = Array.from({ length: 5 }, () =>
      spawn(process.execPath, [racer, folder, moment], { stdio: ['pipe', 'pipe', 'inherit'] }),
    );
    const said = await Promise.all(racers.map(firstLine));
    for (const { stdin } of racers) stdin.end();
    await Promise.all(racers.map(async (child) => child.exitCode ?? once(child, 'exit')));
    expect(said.filter((line) => line === 'won')).toHaveLength(1);
    expect(said.filter((line) => line.includes('is working in this run directory'))).toHaveLength(4);
    expect(readdirSync(folder)).toEqual([]);
  });
});

async function firstLine(child: ChildProcess): Promise<string> {
  const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  return line;
}
