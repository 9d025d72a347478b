/** From a network and its samples to a model file: fitted, judged on samples that it never saw, saved. */
import { losses } from '../../dist/autodiff/losses.js';
import { fit as descend } from '../../dist/fit/index.js';
import { save } from '../../dist/onnx/save.js';
import { Builder } from '../../dist/ops/builder.js';
import { adamw, schedules, withWarmUp } from '../../dist/optim/index.js';
import { bake } from '../../dist/rewrite/bake.js';
import { withProgram } from '../../dist/runtime/program.js';
import { floatsOf } from '../../dist/tensor/convert.js';
import { random } from '../../dist/tensor/random.js';
import { float32, int64 } from '../../dist/tensor/tensor.js';
import { partsIn } from './parts.mjs';

/** The oldest that losses are emitted for. */
const opset = 18;
const threads = 2;

/** @returns accuracy on held-out samples, the share of their largest class, and what it took. */
export async function trainAndSave(network, path, { seed = 0, epochs = network.epochs } = {}) {
  const begin = performance.now();
  const { train, test } = split(network.samples(), network, seed);
  const context = { classes: network.classes, moments: momentsOf(train) };
  const weights = await fitted(network, context, train, { seed, epochs });
  const model = graphOf(network, context, ['batch', ...network.shape], seed);
  const byName = new Map([...model.initializers.keys()].map((value) => [value.name, value]));
  const graph = bake(model, new Map([...weights].map(([name, t]) => [byName.get(name), t])));
  await save({ graph, irVersion: 8, producer: 'onnx-scalpel', metadata: new Map() }, path, { force: true });
  const seconds = Math.round((performance.now() - begin) / 100) / 10;
  const accuracy = await accuracyOf(graph, test);
  return { accuracy, majority: majorityOf(test, network.classes), held: test.count, trained: train.count, seconds };
}

async function fitted(network, context, train, { seed, epochs }) {
  const { batch, rate, shape, decay = 0.01 } = network;
  const forward = graphOf(network, context, [batch, ...shape], seed);
  const size = (count) => Math.floor(count / batch);
  const kept = Math.max(1, Math.floor(size(train.count) * 0.9));
  const [logits] = forward.outputs;
  const label = { name: 'label', type: { dtype: 'int64', shape: [batch] } };
  const g = new Builder([], 'training');
  const loss = losses['cross-entropy'].emit(
    g,
    logits,
    { dtype: 'float32', shape: [batch, context.classes] },
    label,
    {},
  );
  const whole = g.appendTo({ ...forward, outputs: [] }, [loss]);
  const at = (from) => (index) => batchOf(train, shape, (from + index) * batch, batch);
  const { weights } = await descend(
    {
      graph: { ...whole, inputs: [...forward.inputs, label] },
      loss,
      weights: [...forward.initializers.keys()].filter(({ name }) => /\.(weight|bias)$/.test(name)),
      batches: { count: kept, at: at(0) },
      ...(size(train.count) > kept && { validation: { count: size(train.count) - kept, at: at(kept) } }),
    },
    {
      optimiser: adamw({ weightDecay: decay }),
      rate,
      epochs,
      schedule: withWarmUp(schedules.cosine, 0.1),
      shuffle: seed,
      threads,
    },
  );
  return weights;
}

function graphOf({ emit }, context, shape, seed) {
  const input = { name: 'input', type: { dtype: 'float32', shape } };
  const g = new Builder(['input', 'logits'], 'net');
  const logits = { name: 'logits', type: { dtype: 'float32', shape: [shape[0], context.classes] } };
  const last = emit(partsIn(g, seed), input, context);
  const nodes = g.nodes.map((node) => (node.outputs[0] === last ? { ...node, outputs: [logits] } : node));
  return {
    name: 'net',
    opsets: new Map([['', opset]]),
    inputs: [input],
    outputs: [logits],
    nodes,
    initializers: g.initializers,
    functions: [],
  };
}

/** The same samples are held out for one seed, whatever the network. */
function split({ x, y, train: fixed }, { shape }, seed) {
  const width = shape.reduce((a, b) => a * b, 1);
  const order = [...random(seed, 'split').permutation(fixed ?? y.length)];
  const held = fixed === undefined ? Math.round(y.length / 5) : 0;
  const of = (rows) => ({
    count: rows.length,
    x: Float32Array.from(
      { length: rows.length * width },
      (_, i) => x[rows[Math.floor(i / width)] * width + (i % width)],
    ),
    y: rows.map((row) => y[row]),
    shape,
  });
  const after = Array.from({ length: y.length - order.length }, (_, i) => order.length + i);
  return { train: of(order.slice(held)), test: of([...order.slice(0, held), ...after]) };
}

function batchOf({ x, y }, shape, from, count) {
  const width = shape.reduce((a, b) => a * b, 1);
  return new Map([
    ['input', float32([count, ...shape], x.slice(from * width, (from + count) * width))],
    ['label', int64([count], y.slice(from, from + count))],
  ]);
}

/** Mean and deviation of every column; 1 where a column never changes. */
function momentsOf({ x, count, shape }) {
  const width = shape.reduce((a, b) => a * b, 1);
  const mean = new Float64Array(width);
  const square = new Float64Array(width);
  x.forEach((value, i) => {
    mean[i % width] += value / count;
  });
  x.forEach((value, i) => {
    square[i % width] += (value - mean[i % width]) ** 2 / count;
  });
  return { mean, deviation: square.map((value) => Math.sqrt(value) || 1) };
}

async function accuracyOf(graph, test) {
  let right = 0;
  await withProgram(graph, { threads }, async (program) => {
    for (let from = 0; from < test.count; from += 500) {
      const count = Math.min(500, test.count - from);
      const batch = batchOf(test, test.shape, from, count);
      const found = await program.run(new Map([[program.inputs[0], batch.get('input')]]));
      const scores = floatsOf(found.get(program.outputs[0]));
      const classes = scores.length / count;
      for (let row = 0; row < count; row++) {
        const own = scores.subarray(row * classes, (row + 1) * classes);
        if (own.indexOf(Math.max(...own)) === test.y[from + row]) right++;
      }
    }
  });
  return right / test.count;
}

const majorityOf = ({ y, count }, classes) =>
  Math.max(...Array.from({ length: classes }, (_, c) => y.filter((each) => each === c).length)) / count;
