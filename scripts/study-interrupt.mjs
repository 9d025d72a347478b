/**
 * How soon commands end after Ctrl-C, at random moments of their run: SIGINT to the process group, then the time until no process
 * of it is left. Prints one row a command; the load of the machine stands beside.
 *
 *     node scripts/study-interrupt.mjs [--points N] [--seed S] [--only NAME]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { command, start, waitForGroup } from './study/kill-run.mjs';

const { values: options } = parseArgs({
  options: {
    points: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});

const model = 'models/gpt-sotu/model.onnx';
const heldOut = ['--data', 'calibration/sotu-heldout.yaml', '--provider', 'cpu'];
const pruning = (place) => command(model, place, '4');
const commands = {
  'prune --method sparsegpt': pruning,
  'prune --reconstruct half': (place) => [...pruning(place), '--reconstruct', 'half', '--epochs', '1'],
  eval: () => ['eval', model, ...heldOut, '--samples', '16'],
  compare: () => ['compare', model, model, ...heldOut, '--samples', '16'],
  grad: (place) => ['grad', model, '--wrt', 'weights', '--loss', 'cross-entropy', '--output', join(place, 'grad.onnx')],
  gradcheck: () => ['gradcheck', model, '--wrt', 'onnx::MatMul_690', '--loss', 'cross-entropy', '--provider', 'cpu'],
};

const { randomFrom } = await import('./fuzz/random.mjs');
const random = randomFrom(Number(options.seed));
for (const [name, words] of Object.entries(commands)) {
  if (options.only !== undefined && options.only !== name) continue;
  await inFolder(async (place) => {
    const { seconds, end } = await wholeRun(words(place));
    if (end.code !== 0) throw new Error(`${name} ended with ${end.code}: ${end.stderr.slice(-500)}`);
    const ends = [];
    for (let i = 0; i < Number(options.points); i++)
      ends.push(await inFolder((p) => interrupted(words(p), seconds, random)));
    say(name, seconds, ends);
  });
}

async function wholeRun(words) {
  const begin = performance.now();
  const end = await start(words).ended;
  return { seconds: (performance.now() - begin) / 1000, end };
}

async function interrupted(words, seconds, { below }) {
  const run = start(words);
  const at = (seconds * below(1000)) / 1000;
  await Promise.race([sleep(1000 * at), run.ended]);
  const begin = performance.now();
  try {
    process.kill(-run.pid, 'SIGINT');
  } catch {
    // it was done before its moment
  }
  await waitForGroup(run.pid);
  const { code, stage, stderr } = await run.ended;
  if (![0, 130, 'SIGINT'].includes(code)) console.log(`at ${at} s, ${stage}, exit ${code}: ${stderr.slice(-600)}`);
  return { at, stage, code, took: (performance.now() - begin) / 1000 };
}

function say(name, seconds, ends) {
  const sorted = ends.toSorted((a, b) => a.took - b.took);
  const slowest = sorted.at(-1);
  const codes = [...new Set(ends.map(({ code }) => code))].join(', ');
  const figures = `median ${sorted[sorted.length >> 1].took.toFixed(2)} s, slowest ${slowest.took.toFixed(2)} s`;
  const where = `at ${slowest.at.toFixed(1)} of ${seconds.toFixed(1)} s (${slowest.stage})`;
  console.log(`${name}: ${figures} ${where}; exits ${codes}; load ${loadavg()[0].toFixed(1)}`);
}

async function inFolder(use) {
  const place = mkdtempSync(join(tmpdir(), 'scalpel-interrupt-'));
  try {
    return await use(place);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
