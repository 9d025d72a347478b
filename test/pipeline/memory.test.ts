import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ownToken } from '../../src/files/owner.js';
import { forwardFor } from '../../src/pipeline/memory.js';
import { feedsOf, gpt } from '../regions/whole-models.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scalpel-memory-'));
  vi.stubEnv('TMPDIR', folder);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

test('block by block with little memory: nothing stays in the temporary folder, and what a killed process left there goes', async () => {
  const [pid, , ...rest] = ownToken().split('-');
  // the same id, another start: that process is gone
  const left = join(folder, `.scalpel.${[pid, '1', ...rest].join('-')}.0.scalpel-tmp`);
  mkdirSync(left);
  writeFileSync(join(left, '0.bin'), 'values');
  const graph = gpt();
  let runs = 0;
  await forwardFor(graph, { provider: 'cpu', memory: 1e3 })(graph, await feedsOf(graph), { threads: 1 }, () => {
    const [scratch, ...others] = readdirSync(folder);
    expect(others).toEqual([]);
    expect(readdirSync(join(folder, scratch as string)).length).toBeGreaterThan(0);
    runs++;
  });
  expect(runs).toBe(2);
  expect(readdirSync(folder)).toEqual([]);
});
