/** What attacks cost: GSE on ResNet-20 against forward passes alone, and the share of time outside the runtime, by batch. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { attackNamed, batchesFor, openGround, runBatch, settle } from '../../dist/attack/index.js';
import { openSamples } from '../../dist/data/index.js';
import { load } from '../../dist/onnx/load.js';
import { boundsOf } from '../../dist/oracle/bounds.js';
import { workingCopy } from '../../dist/pipeline/working-copy.js';
import { machine, rounded, threads } from './measure.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const shared = resolve(process.env.SCALPEL_SHARED ?? join(root, '..', 'shared'));
const model = join(shared, 'models/resnet20-cifar10/resnet20-pm1.onnx');
const data = join(shared, 'data/cifar10/test-300.bin');

const goal = { kind: 'untargeted' };
/** Examples by batch: few where one at a time is slow. */
const batches = [
  [1, 10],
  [10, 50],
  [50, 100],
  [100, 100],
];

export async function* attacks() {
  if (!existsSync(model)) return console.error(`attacks: skipped, ${model} is not there`);
  const graph = workingCopy(load(model).graph);
  const samples = await openSamples(graph, [data], { preprocess: { preset: 'minus-one-one' } });
  for (const [batch, most] of batches) {
    const bounds = ({ space }) => boundsOf([[-1, 1]], space, 'the pixels');
    const ground = await openGround(graph, samples, bounds, { batch, threads }, { most });
    const gse = attackNamed('gse');
    const options = settle(gse, ground.space, false);
    const spent = { model: 0, all: 0, forwards: 0, backwards: 0 };
    for (const rows of batchesFor(ground, { goal, batch })) {
      const { milliseconds, modelMilliseconds, findings } = await runBatch(gse, options, ground, rows, { goal, batch });
      spent.all += milliseconds;
      spent.model += modelMilliseconds;
      for (const { forwards, backwards } of findings) {
        spent.forwards += forwards;
        spent.backwards += backwards;
      }
    }
    const forward = await forwardMilliseconds(ground, batch);
    await ground.release();
    const context = `ResNet-20, 32x32, ${most} examples, batch ${batch}, ${machine}`;
    const figure = (name, value, unit) => ({
      name: `gse batch ${batch}: ${name}`,
      value: rounded(value),
      unit,
      context,
    });
    yield figure('attacked images a second', (1000 * most) / spent.all, '1/s');
    yield figure('forward passes a second, alone', 1000 / forward, '1/s');
    yield figure(
      'time of a forward and backward pass in the attack to a forward pass alone',
      spent.all / spent.backwards / forward,
      'ratio',
    );
    yield figure('time outside the model', 1 - spent.model / spent.all, 'fraction');
  }
}

/** Of one example, in batches as the attack's first are: the middle of several. */
async function forwardMilliseconds({ model: oracle, subjects, space }, batch) {
  const rows = Array.from({ length: Math.min(batch, subjects.count) }, (_, i) => i);
  const points = subjects.inputs.subarray(0, rows.length * space.size);
  const none = new Int32Array(rows.length);
  const context = { targeted: false, labels: none, goals: none, others: new Map() };
  const taken = [];
  for (let i = 0; i < 15; i++) {
    const start = performance.now();
    await oracle.scores({ points, samples: rows }, context);
    taken.push((performance.now() - start) / rows.length);
  }
  return taken.sort((a, b) => a - b)[7];
}
