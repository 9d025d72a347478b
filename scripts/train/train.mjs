/** From a network and its samples to model files: fitted, judged on samples that it never saw, saved. */
import { fit as descend } from '../../dist/fit/index.js';
import { save } from '../../dist/onnx/save.js';
import { Builder } from '../../dist/ops/builder.js';
import { adamw, schedules, withWarmUp } from '../../dist/optim/index.js';
import { bake } from '../../dist/rewrite/bake.js';
import { withProgram } from '../../dist/runtime/program.js';
import { floatsOf } from '../../dist/tensor/convert.js';
import { random } from '../../dist/tensor/random.js';
import { float32 } from '../../dist/tensor/tensor.js';
import { graphOf } from './graph.mjs';
import { momentsOf, split } from './split.mjs';

const threads = 2;

/**
 * @param path of the model; where a network is saved as several, what each is goes before the suffix.
 * @param only the class whose samples alone are trained and judged on; absent: all.
 * @returns figures on held-out samples, and what it took.
 */
export async function trainAndSave(network, path, { seed = 0, epochs = network.epochs, only } = {}) {
  const begin = performance.now();
  const { train, test } = split(network.samples(), network, seed, only);
  const width = train.x.length / train.count;
  const context = { seed, shape: network.shape, moments: momentsOf(train.x, width), target: momentsOf(train.y, 1) };
  // a few batches at least, also of a small class
  const batch = only === undefined ? network.batch : Math.min(network.batch, Math.ceil(train.count / 10));
  const weights = await fitted({ ...network, batch }, context, train, epochs);
  const finished = (part) => withWeights(graphOf(part, context, 'batch'), weights);
  for (const [suffix, part] of Object.entries(network.models)) {
    const model = { graph: finished(part), irVersion: 8, producer: 'onnx-scalpel', metadata: new Map() };
    await save(model, path.replace(/(\.onnx)?$/, `${suffix}.onnx`), { force: true });
  }
  const seconds = Math.round((performance.now() - begin) / 100) / 10;
  const figures = network.goal.figures(await answersTo(finished(network.whole), network, test), test, context);
  return { ...figures, held: test.count, trained: train.count, seconds };
}

/** The last tenth of the batches decides which weights are best. */
async function fitted(network, context, train, epochs) {
  const { batch, rate, decay = 0.01 } = network;
  const { seed } = context;
  const size = Math.floor(train.count / batch);
  const kept = Math.max(1, Math.floor(size * 0.9));
  let epoch = 0;
  const batches = (from, count, noise) => ({
    count,
    at: (index) =>
      feedsOf(network, train, (from + index) * batch, batch, (length) =>
        random(seed, noise()).normals(length, index * length),
      ),
  });
  const training = batches(0, kept, () => `noise ${epoch}`);
  const { weights } = await descend(
    {
      ...withLoss(network, context, training.at(0)),
      batches: training,
      ...(size > kept && { validation: batches(kept, size - kept, () => 'noise of validation') }),
    },
    {
      optimiser: adamw({ weightDecay: decay }),
      rate,
      epochs,
      schedule: withWarmUp(schedules.cosine, 0.1),
      shuffle: seed,
      threads,
      onEpoch: (progress) => {
        epoch = progress.epoch;
      },
    },
  );
  return weights;
}

/** The network, its loss and the weights that move, for batches as this one. */
function withLoss({ whole, goal, batch }, context, feeds) {
  const forward = graphOf(whole, context, batch);
  const declared = new Map(forward.inputs.map((value) => [value.name, value]));
  const inputs = [...feeds].map(([name, { dtype, shape }]) => declared.get(name) ?? { name, type: { dtype, shape } });
  const g = new Builder([], 'training');
  const values = Object.fromEntries([...inputs, ...forward.outputs].map((value) => [value.name, value]));
  const loss = goal.loss(g, values, context);
  const isTrained = ({ name }) => /\.(weight|bias)$/.test(name);
  return {
    graph: { ...g.appendTo({ ...forward, outputs: [] }, [loss]), inputs },
    loss,
    weights: [...forward.initializers.keys()].filter(isTrained),
  };
}

/** By name of the input, and of what the goal adds. @param noise gives as many normal numbers as it is asked for. */
function feedsOf({ shape, goal }, samples, from, count, noise) {
  const width = shape.reduce((a, b) => a * b, 1);
  const input = float32([count, ...shape], samples.x.slice(from * width, (from + count) * width));
  return new Map([['input', input], ...goal.targets(samples, from, count, noise)]);
}

const withWeights = (graph, weights) =>
  bake(
    graph,
    new Map(
      [...graph.initializers.keys()].filter(({ name }) => weights.has(name)).map((v) => [v, weights.get(v.name)]),
    ),
  );

/** All outputs for all samples, by name, without noise. */
async function answersTo(graph, network, samples) {
  const answers = Object.fromEntries(graph.outputs.map(({ name }) => [name, []]));
  await withProgram(graph, { threads }, async (program) => {
    for (let from = 0; from < samples.count; from += 500) {
      const count = Math.min(500, samples.count - from);
      const feeds = feedsOf(network, samples, from, count, (length) => new Float32Array(length));
      const found = await program.run(new Map(program.inputs.map((value) => [value, feeds.get(value.name)])));
      for (const value of program.outputs) answers[value.name].push(floatsOf(found.get(value)));
    }
  });
  return Object.fromEntries(
    Object.entries(answers).map(([name, chunks]) => [name, Float32Array.from(chunks.flatMap((chunk) => [...chunk]))]),
  );
}
