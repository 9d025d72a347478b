/** Runs that were stopped inside a region end in the bytes of those that were not, whatever solves the region. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { PruneRequest } from '../../src/pipeline/prune/request.js';
import type { ReconstructionRequest } from '../../src/pipeline/reconstruct/request.js';
import { type AdapterName, adapters } from '../../src/reconstruct/adapters/index.js';
import type { Exported } from './exported.js';
import { jobContext } from './prune-requests.js';
import { bothRequest, prune, reconstruction, tiny } from './reconstruct-requests.js';

const bytesOf = ({ output }: PruneRequest): Buffer => readFileSync(output!.model);
const partialIn = ({ output }: PruneRequest): string[] =>
  readdirSync(output!.run).filter((name) => /-(even|odd)\.json$/.test(name));

let plain: Exported;
beforeAll(async () => {
  plain = await tiny();
});

/** Every look at the clock finds ten seconds gone: each epoch is long enough to be kept, and each call makes one step. */
beforeEach(() => {
  let now = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 10_000));
  return () => clock.mockRestore();
});

const low: readonly AdapterName[] = ['lora', 'lora-prune', 'mask-lora', 'scale-lora', 'spp'];

const kinds: readonly (readonly [string, Partial<ReconstructionRequest>])[] = [
  ...(Object.keys(adapters) as AdapterName[]).map(
    (trained) => [trained, { trained, ...(low.includes(trained) && { rank: 2 }) }] as const,
  ),
  ['least-squares', { solver: 'least-squares', regions: 'matrix' }],
];

test.each(kinds)('%s', async (name, changes) => {
  const block = { regions: 'block', ...changes } as const;
  const isDescent = changes.solver === undefined;
  const asked = { reconstruction: reconstruction(block, { batchSize: 2, shuffle: true }) };
  const whole = bothRequest(plain, `${name} whole`, asked);
  await prune(whole);
  const halted = bothRequest(plain, `${name} halted`, asked);
  const stopping = jobContext((event, abort) => {
    if (event.type !== 'progress' || event.stage !== 'reconstruct') return;
    // in the third epoch of the second region, where there are epochs
    if (event.done >= (isDescent ? Math.ceil(event.total! * 0.9) : 3)) abort();
  });
  await expect(prune(halted, stopping)).rejects.toThrow(/abort/i);
  expect(existsSync(halted.output!.model)).toBe(false);
  const partial = partialIn(halted);
  if (isDescent) {
    expect(partial.length).toBeGreaterThan(0);
    for (const file of partial) expect(file).toMatch(/^reconstruct-0001-/);
  }
  const steps: number[] = [];
  const resumed = jobContext((event) => {
    if (event.type === 'progress' && event.unit === 'steps') steps.push(event.done);
  });
  await prune({ ...halted, output: { ...halted.output!, keepRun: true } }, resumed);
  expect(bytesOf(halted).equals(bytesOf(whole))).toBe(true);
  expect(partialIn(halted)).toEqual([]);
  // the last epoch alone: two were kept
  if (isDescent) expect(steps.length).toBeLessThanOrEqual(4);
});
