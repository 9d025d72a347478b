/** What counterfactuals cost: S-CFE on a network of 30 features, its steps in one Loop against one call each, by instances at once. */

import { scfe } from '../../dist/counterfactual/methods/scfe.js';
import { runBatch } from '../../dist/counterfactual/run.js';
import { secondsInRuntime } from '../../dist/runtime/spent.js';
import { settle } from '../../dist/settings/index.js';
import { groundOf } from './explain-ground.mjs';
import { machine, rounded } from './measure.mjs';

/** Instances at once, and how often: the least of several is taken, as other work on the machine only ever adds. */
const batches = [
  [1, 5],
  [100, 5],
  [10_000, 1],
];
/** For networks as small as this a second thread takes more than it gives. */
const threads = 1;

export async function* explain() {
  for (const [count, repeats] of batches) {
    const ground = await groundOf(count, { batch: count, threads });
    const ways = { loop: [], apart: [] };
    // densities are fitted and programs compiled before
    for (const loop of ['yes', 'no']) await worked(ground, loop, [0]);
    const rows = ground.instances.ids.map((_, row) => row);
    for (let i = 0; i < repeats; i++) {
      ways.loop.push(await worked(ground, 'yes', rows));
      ways.apart.push(await worked(ground, 'no', rows));
    }
    const forward = await forwardSeconds(ground);
    await ground.release();
    const [loop, apart] = [quickest(ways.loop), quickest(ways.apart)];
    const context = `scfe, 30-50-50-2 MLP, density of 450 examples, ${loop.passes.toFixed(0)} passes an instance; ${machine.replace(/^\d+ threads/, '1 thread')}`;
    const figure = (name, value, unit) => ({
      name: `${count} instances: ${name}`,
      value: rounded(value),
      unit,
      context,
    });
    yield figure('explained a second', count / loop.seconds, '1/s');
    yield figure('found', loop.found / count, 'fraction');
    yield figure('steps in Loops to one call a step, time of a pass', perPass(loop) / perPass(apart), 'ratio');
    yield figure('outside the runtime', 1 - loop.inside / loop.seconds, 'fraction');
    yield figure('outside the runtime, one call a step', 1 - apart.inside / apart.seconds, 'fraction');
    yield figure('a forward and backward pass to a forward pass alone', (perPass(loop) * count) / forward, 'ratio');
  }
}

const quickest = (runs) => runs.reduce((best, run) => (run.seconds < best.seconds ? run : best));

/** Seconds of one forward and backward pass, whatever else the method does shared among them. */
const perPass = ({ seconds, passes, count }) => seconds / (passes * count);

async function worked(ground, loop, rows) {
  const before = secondsInRuntime('running');
  const { milliseconds, findings } = await runBatch(scfe, settle(scfe, { loop }), ground, rows, { batch: rows.length });
  const sum = (of) => findings.reduce((all, finding) => all + of(finding), 0);
  return {
    count: rows.length,
    seconds: milliseconds / 1000,
    inside: secondsInRuntime('running') - before,
    passes: sum(({ backwards }) => backwards) / rows.length,
    found: sum(({ success }) => Number(success)),
  };
}

/** Of all instances at once: the least of several. */
async function forwardSeconds({ model: oracle, instances: { inputs, ids } }) {
  const samples = ids.map((_, row) => row);
  const none = new Int32Array(samples.length);
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 15; i++) {
    const start = performance.now();
    await oracle.scores({ points: inputs, samples }, { targeted: true, labels: none, goals: none, others: new Map() });
    least = Math.min(least, (performance.now() - start) / 1000);
  }
  return least;
}
