/** What a training step of convolutional networks over series costs, against three forward passes of the network as it is served. */
import { stepGraph } from '../../dist/fit/step.js';
import { adamw } from '../../dist/optim/index.js';
import { compile } from '../../dist/runtime/program.js';
import { sizeOf } from '../../dist/tensor/dtype.js';
import { random } from '../../dist/tensor/random.js';
import { float32, int64 } from '../../dist/tensor/tensor.js';
import { inTurn, machine, rounded, threads } from './measure.mjs';
import { networks } from './train-networks.mjs';

const [batch, classes, rounds] = [128, 24, 5];

export async function* train() {
  for (const [name, { network, lengths }] of Object.entries(networks)) {
    for (const length of lengths) {
      for (const count of new Set([threads, 1])) yield* stepAgainstForward(name, network, length, count);
    }
  }
}

async function* stepAgainstForward(name, network, length, count) {
  const options = { threads: count };
  const shape = { batch, classes, length };
  const step = await stepOf(network(shape, 'train'), options);
  const forward = await forwardOf(network(shape, 'serve'), options);
  const [taken, passed] = await inTurn([step.run, forward.run], rounds);
  await Promise.all([step.release(), forward.release()]);
  const context = `batch ${batch}, AdamW; median of ${rounds} in turn; ${count} threads on ${machine}`;
  const of = `${name} at length ${length}, ${count} ${count === 1 ? 'thread' : 'threads'}`;
  yield { name: `${of}: step`, value: rounded(taken), unit: 'ms', context };
  yield { name: `${of}: step / 3 forward`, value: rounded(taken / (3 * passed)), unit: 'ratio', context };
}

async function stepOf({ graph, loss, weights }, options) {
  const step = await stepGraph(graph, loss, weights, new Set(), { optimiser: adamw() });
  const program = await compile(step.graph, options);
  const initial = new Map([...graph.initializers].map(([{ name }, tensor]) => [name, tensor]));
  const feeds = new Map(program.inputs.map((input) => [input, initial.get(input.name) ?? drawn(input)]));
  return { run: () => program.run(feeds), release: () => program.release() };
}

async function forwardOf({ graph }, options) {
  const program = await compile(graph, options);
  const feeds = new Map(program.inputs.map((input) => [input, drawn(input)]));
  return { run: () => program.run(feeds), release: () => program.release() };
}

/** Data for an input by its type: normal draws, classes, zeros for what an optimiser remembers, one for its count. */
function drawn({ name, type: { dtype, shape } }) {
  const draw = random(1, name);
  const size = sizeOf(shape);
  if (dtype === 'int64')
    return int64(
      shape,
      Array.from({ length: size }, (_, i) => i % classes),
    );
  if (name.includes('count')) return float32(shape, Float32Array.of(1));
  if (name.includes('rate')) return float32(shape, Float32Array.of(1e-3));
  if (name.includes('/')) return float32(shape, new Float32Array(size));
  return float32(shape, draw.normals(size));
}
