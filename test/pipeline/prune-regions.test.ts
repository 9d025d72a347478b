/** Pruning by regions that a file describes, or by several blocks at a time. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { load } from '../../src/onnx/load.js';
import { compare } from '../../src/pipeline/compare/compare.js';
import { inspect } from '../../src/pipeline/inspect/inspect.js';
import { run } from '../../src/pipeline/prune/job.js';
import type { PrunePlan } from '../../src/pipeline/prune/plan.js';
import type { PruneRequest } from '../../src/pipeline/prune/request.js';
import type { RegionChoice } from '../../src/regions/index.js';
import { gpt, jobContext, newFolder, pruneRequest } from './prune-requests.js';

const folder = newFolder();
const saved = join(folder, 'half.yaml');

const dryRun = async (changes: Partial<PruneRequest>): Promise<PrunePlan> => {
  const { output: _output, calibration: _calibration, ...request } = pruneRequest({ method: 'magnitude', ...changes });
  return (await run(request, jobContext())) as PrunePlan;
};

describe('prune by regions of a file', () => {
  test('gives the weights that the granularity gives from which the file was saved', async () => {
    inspect(load(gpt), { regions: 'half', saveRegions: saved, zeros: false });
    const requests = [pruneRequest({ regions: 'half' }), pruneRequest({ regions: { file: saved } })] as const;
    for (const request of requests) await run(request, jobContext());
    const [one, other] = requests.map((request) => load(request.output!.model));
    const { weights } = await compare(one!, other!, { parts: ['weights'] });
    expect(weights?.different).toEqual([]);
  });

  test('refuses a second file in the place of the first', () => {
    expect(() => inspect(load(gpt), { regions: 'block', saveRegions: saved, zeros: false })).toThrow(
      'half.yaml: expected a new file for the regions, got one that exists; name another',
    );
  });

  test('says which selected layers lie in none', async () => {
    const { regions } = inspect(load(gpt), { regions: 'half', zeros: false });
    const [attention] = regions!;
    const file = join(folder, 'one.json');
    const names = (values: readonly { name: string }[]): string[] => values.map(({ name }) => name);
    const only = { name: 'only', from: names(attention!.inputs), to: names(attention!.outputs) };
    writeFileSync(file, JSON.stringify({ regions: [only] }));

    const plan = await dryRun({ regions: { file } });
    expect(plan.layers.map(({ name, region }) => [name, region])).toEqual(
      attention!.layers.map((name) => [name, 'only']),
    );
    const reasons = plan.skipped.map(({ reason }) => reason);
    expect(reasons.filter((reason) => reason === 'lies in no region')).toHaveLength(22);
    const { outsideRegions } = inspect(load(gpt), { regions: { file }, zeros: false });
    expect(outsideRegions).toHaveLength(23);
    expect(outsideRegions?.at(-1)?.reason).toBe('output head');

    const layers = { include: ['/h.3/*'], exclude: [] };
    await expect(dryRun({ regions: { file }, layers })).rejects.toThrow('no selected layer lies in a region');
  });
});

describe('prune by blocks', () => {
  const regionsOf = async (regions: RegionChoice): Promise<number> =>
    new Set((await dryRun({ regions })).layers.map(({ region }) => region)).size;

  test('takes as many at a time as it is told', async () => {
    expect([await regionsOf({ blocks: 1 }), await regionsOf({ blocks: 4 }), await regionsOf({ blocks: 9 })]).toEqual([
      6, 2, 1,
    ]);
  });
});
