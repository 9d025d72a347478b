/** What a training step costs: against three forward passes of the network as it is served, and how much of it is not the runtime's. */
import { Stepper } from '../../dist/fit/stepper.js';
import { adamw } from '../../dist/optim/index.js';
import { specialize } from '../../dist/rewrite/specialize.js';
import { compile } from '../../dist/runtime/program.js';
import { secondsInRuntime } from '../../dist/runtime/spent.js';
import { settle } from '../../dist/settings/index.js';
import { random } from '../../dist/tensor/random.js';
import { float32 } from '../../dist/tensor/tensor.js';
import { algorithms } from '../../dist/train/algorithms/index.js';
import { backbones } from '../../dist/train/backbones/index.js';
import { usualSettings, viewsOf } from '../../dist/train/settings.js';
import { trainableOf } from '../../dist/train/start/trainable.js';
import { trainingProblem } from '../../dist/train/step/problem.js';
import { trainingForm } from '../../dist/train/step/training-form.js';
import { inTurn, machine, rounded, threads } from './measure.mjs';

const [batch, classes, rounds, count] = [128, 24, 5, 500];
const networks = { fcn: [46, 96, 500], resnet: [96], 'inception-time': [96] };

export async function* train() {
  for (const [name, lengths] of Object.entries(networks)) {
    for (const length of lengths) {
      for (const own of new Set([threads, 1])) yield* stepAgainstForward(name, length, own);
    }
  }
  for (const method of ['supervised', 'mixmatch', 'vat', 'mean-teacher']) yield* outside(method);
}

async function* stepAgainstForward(name, length, own) {
  const step = await stepsOf('supervised', name, length, { labelled: batch, unlabelled: 1 }, own);
  const forward = await forwardOf(name, length, own);
  const [taken, passed] = await inTurn([() => step.run(), forward.run], rounds);
  await Promise.all([step.release(), forward.release()]);
  const context = `batch ${batch}, AdamW, RandAugment; median of ${rounds} in turn; ${own} threads on ${machine}`;
  const of = `${name} at length ${length}, ${own} ${own === 1 ? 'thread' : 'threads'}`;
  yield { name: `${of}: step`, value: rounded(taken), unit: 'ms', context };
  yield { name: `${of}: step / 3 forward`, value: rounded(taken / (3 * passed)), unit: 'ratio', context };
}

/** Of steps as `scalpel train` takes them, about a second of them a call. */
async function* outside(method) {
  const sizes = { labelled: usualSettings.labelledBatch, unlabelled: usualSettings.unlabelledBatch };
  const step = await stepsOf(method, 'fcn', 96, sizes, threads);
  for (let i = 0; i < 2; i++) await step.run(usualSettings.every);
  const [begin, inside] = [performance.now(), secondsInRuntime()];
  for (let i = 0; i < 4; i++) await step.run(usualSettings.every);
  const seconds = (performance.now() - begin) / 1000;
  await step.release();
  yield {
    name: `${method}: time outside ONNX Runtime`,
    value: rounded(1 - (secondsInRuntime() - inside) / seconds),
    unit: 'ratio',
    context: `fcn at length 96, ${sizes.labelled} labelled and ${sizes.unlabelled} unlabelled series, RandAugment; ${threads} threads on ${machine}`,
  };
}

async function stepsOf(method, backbone, length, { labelled, unlabelled }, own) {
  const form = trainingForm(backbones[backbone].build({ channels: 1, length, classes }, 0), trainableOf);
  const algorithm = algorithms[method];
  const series = {
    ...{ count, channels: 1, length, values: random(1, 'series').normals(count * length) },
    labels: Int32Array.from({ length: count }, (_, i) => i % classes),
  };
  const sizes = { labelled, unlabelled, channels: 1, length, classes };
  const settings = { sizes, views: viewsOf({ ...usualSettings, augment: '3,1' }), steps: 1e6, seed: 0 };
  const problem = await trainingProblem(
    form,
    algorithm,
    settle(algorithm),
    { labelled: series, unlabelled: series },
    settings,
  );
  const stepper = await Stepper.open(problem, { optimiser: adamw(), rate: 1e-3, threads: own });
  let state = stepper.start();
  const run = async (most = 1) => {
    ({ state } = await stepper.run(
      state,
      Uint32Array.from({ length: most }, (_, i) => state.step + i),
      1e6,
    ));
  };
  return { run, release: () => stepper.release() };
}

async function forwardOf(name, length, own) {
  const graph = specialize(backbones[name].build({ channels: 1, length, classes }, 0), { batch });
  const program = await compile(graph, { threads: own });
  const feeds = new Map([[program.inputs[0], float32([batch, 1, length], random(1, 'input').normals(batch * length))]]);
  return { run: () => program.run(feeds), release: () => program.release() };
}
