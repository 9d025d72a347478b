/** Pruning by several processes: to the bytes of one, going on where it was stopped. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { PartInput } from '../../src/pipeline/parts.js';
import type { PruneRequest } from '../../src/pipeline/prune/request.js';
import type { JobContext } from '../../src/runtime/job-protocol.js';
import { tokensIn } from './exported.js';
import { jobContext, outputIn, pruneRequest } from './prune-requests.js';
import { bothRequest, prune, reconstruction, tiny } from './reconstruct-requests.js';

const { folder, model } = await tiny();

function request(name: string, changes: Partial<PruneRequest>): PruneRequest {
  const own = join(folder, name);
  mkdirSync(own, { recursive: true });
  const engine = { provider: 'cpu', threads: 1 } as const;
  return pruneRequest({ model, calibration: tokensIn(folder), engine, output: outputIn(own), ...changes }, own);
}

const bytesOf = ({ output }: PruneRequest): Buffer => readFileSync(output!.model);

/** Keeps the tasks of the processes that a run starts to share its work. */
function counting(): ReturnType<typeof jobContext> & { readonly tasks: string[] } {
  const tasks: string[] = [];
  const context = jobContext();
  const job: JobContext['job'] = (module, input, event) => {
    if (module.pathname.endsWith('/part-job.js')) tasks.push((input as PartInput).task);
    return context.job(module, input, event);
  };
  return { ...context, tasks, job };
}

const uniform = { kind: 'uniform', overrides: [] } as const;
const rows: readonly (readonly [string, Partial<PruneRequest>, readonly string[]])[] = [
  ['sparsegpt', { method: 'sparsegpt', statisticsFrom: 'dense' }, ['prune', 'prune']],
  ['magnitude', { method: 'magnitude' }, ['prune', 'prune']],
  ['wanda, globally', { method: 'wanda', group: 'global' }, ['observe', 'observe', 'prune', 'prune']],
  [
    'sparsegpt by OWL, matrix by matrix',
    { method: 'sparsegpt', statisticsFrom: 'dense', regions: 'matrix', allocation: { ...uniform, kind: 'owl' } },
    ['observe', 'observe', 'prune', 'prune'],
  ],
];

describe('two jobs give the bytes of one', () => {
  test.each(rows)('%s', async (name, changes, tasks) => {
    const [one, two] = [request(`${name} one`, changes), request(`${name} two`, { ...changes, jobs: 2 })];
    const context = counting();
    const reports = [await prune(one), await prune(two, context)];
    expect(bytesOf(two).equals(bytesOf(one))).toBe(true);
    expect(reports[1]?.layers).toEqual(reports[0]?.layers);
    expect(context.tasks).toEqual(tasks);
  });

  test('with reconstruction, after which regions are shared too', async () => {
    const both = {
      method: 'sparsegpt',
      statisticsFrom: 'dense',
      reconstruction: reconstruction({ inputs: 'dense' }),
    } as const;
    const file = await tiny();
    const [one, two] = [bothRequest(file, 'one', both), bothRequest(file, 'two', { ...both, jobs: 2 })];
    const context = counting();
    await prune(one);
    await prune(two, context);
    expect(bytesOf(two).equals(bytesOf(one))).toBe(true);
    expect(new Set(context.tasks)).toEqual(new Set(['prune', 'reconstruct']));
  });
});

test.each(['observe', 'prune'])(
  'a run that is stopped while it would %s goes on there, to the same bytes',
  async (stage) => {
    const dense = { method: 'sparsegpt', statisticsFrom: 'dense', regions: 'half', jobs: 2 } as const;
    const [whole, halted] = [request(`${stage} whole`, dense), request(`${stage} halted`, dense)];
    await prune(whole);
    const stopping = jobContext((event, abort) => {
      if (event.type === 'progress' && event.stage === stage && event.done > 0) abort();
    });
    await expect(prune(halted, stopping)).rejects.toThrow(/abort/i);
    expect(existsSync(halted.output!.model)).toBe(false);
    const resumed = counting();
    await prune(halted, resumed);
    expect(bytesOf(halted).equals(bytesOf(whole))).toBe(true);
    expect(resumed.tasks).toEqual(['prune', 'prune']);
  },
);
