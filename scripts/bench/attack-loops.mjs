/** Whether a loop of an attack pays as one graph: ten steps of PGD as a Loop against ten runs with the step made here. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gradientGraph } from '../../dist/autodiff/gradient-graph.js';
import { loop } from '../../dist/autodiff/loop.js';
import { prepare } from '../../dist/autodiff/prepare.js';
import { load } from '../../dist/onnx/load.js';
import { builderFor } from '../../dist/ops/builder.js';
import { boundsOf } from '../../dist/oracle/bounds.js';
import { frontOf } from '../../dist/oracle/front.js';
import { openNetwork } from '../../dist/oracle/network.js';
import { crossEntropy } from '../../dist/oracle/objectives.js';
import { workingCopy } from '../../dist/pipeline/working-copy.js';
import { compile } from '../../dist/runtime/program.js';
import { random } from '../../dist/tensor/random.js';
import { dataOf, float32, int64 } from '../../dist/tensor/tensor.js';
import { inTurn, machine, rounded, threads } from './measure.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const shared = resolve(process.env.SCALPEL_SHARED ?? join(root, '..', 'shared'));

const networks = [
  { name: 'ResNet-20', path: join(shared, 'models/resnet20-cifar10/resnet20-pm1.onnx'), sizes: [3, 32, 32] },
  { name: 'FCN', path: join(shared, 'models/fcn-ucr/CBF_fcn.onnx'), sizes: [1, 128] },
  { name: 'iris', path: join(root, 'models/iris/model.onnx'), sizes: [4] },
];
const steps = 10;
const [size, eps] = [0.01, 0.05];

export async function* attackLoops() {
  for (const { name, path, sizes } of networks) {
    if (!existsSync(path)) {
      console.error(`attack-loops: ${name} skipped, ${path} is not there`);
      continue;
    }
    for (const batch of [1, 50]) {
      const made = await programsFor(path, sizes, batch);
      const [apart, together] = await inTurn([made.apart, made.together], 9);
      await made.release();
      yield {
        name: `${name}, batch ${batch}: ${steps} steps as one Loop to ${steps} runs`,
        value: rounded(together / apart),
        unit: 'ratio',
        context: `PGD, linf; ${rounded(apart / steps)} ms a step in runs; ${machine}`,
      };
    }
  }
}

async function programsFor(path, sizes, batch) {
  const graph = workingCopy(load(path).graph);
  const width = sizes.reduce((all, each) => all * each, 1);
  const x = random(1, 'bench').uniforms(batch * width);
  const sample = new Map([[graph.inputs[0], float32([batch, ...sizes], x)]]);
  const network = await openNetwork(graph, sample, {}, { threads });
  const front = frontOf(network, boundsOf([[0, 1]], network.space, 'bench'), [0, 1]);
  const g = builderFor(front.graph, 'objective');
  const goal = { name: 'goal', type: { dtype: 'int64', shape: [front.batch] } };
  const value = crossEntropy.emit(g, { ...front, classes: network.classes, goal, label: goal, targeted: false });
  const open = g.appendTo({ ...front.graph, inputs: [...front.graph.inputs, goal] });
  const slopes = await gradientGraph(await prepare({ ...open, outputs: [value] }), {
    of: value.name,
    wrt: [front.example.name],
    sum: true,
  });
  const gradient = slopes.gradients.get(front.example.name);
  const single = { ...slopes.graph, outputs: [gradient] };
  const run = await compile(single, { threads });
  const looped = await compile(loopOf(single, front.example.name, gradient), { threads });
  const shape = [batch, network.space.channels, network.space.height, network.space.width];
  const goals = int64([batch], new Array(batch).fill(0));
  const feeds = (program, start, fed) =>
    new Map(program.inputs.map((input) => [input, input.name === 'goal' ? goals : (fed[input.name] ?? start)]));
  return {
    async apart() {
      const point = Float32Array.from(x);
      for (let step = 0; step < steps; step++) {
        const found = dataOf((await run.run(feeds(run, float32(shape, point), {}))).get(run.outputs[0]));
        for (let i = 0; i < point.length; i++)
          point[i] = Math.min(
            Math.min(1, x[i] + eps),
            Math.max(Math.max(0, x[i] - eps), point[i] - size * Math.sign(found[i])),
          );
      }
      return point;
    },
    together: async () => looped.run(feeds(looped, float32(shape, x), { start: float32(shape, x) })),
    async release() {
      await run.release();
      await looped.release();
    },
  };
}

/** The step with the move, repeated; the clean examples stay beside. */
function loopOf(graph, name, gradient) {
  const point = graph.inputs.find((value) => value.name === name);
  const start = { name: 'start', type: point.type };
  const g = builderFor(graph, 'move');
  const moved = g.sub(point, g.mul(g.op('Sign', [gradient]), g.scalar(size)));
  const near = g.op('Max', [g.op('Min', [moved, g.add(start, g.scalar(eps))]), g.sub(start, g.scalar(eps))]);
  const next = { ...g.op('Clip', [near, g.scalar(0), g.scalar(1)]), type: point.type };
  const nodes = g.nodes.map((node) => ({
    ...node,
    outputs: node.outputs.map((value) => (value.name === next.name ? next : value)),
  }));
  const step = {
    ...graph,
    inputs: [...graph.inputs, start],
    nodes: [...graph.nodes, ...nodes],
    initializers: new Map([...graph.initializers, ...g.initializers]),
    outputs: [next],
  };
  return loop(step, steps, { state: new Map([[point, next]]) });
}
