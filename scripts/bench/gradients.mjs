/** What gradients cost: forward and gradient in one run, as ratios to the plain forward of the original file. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gradientGraph } from '../../dist/autodiff/gradient-graph.js';
import { losses } from '../../dist/autodiff/losses.js';
import { prepare } from '../../dist/autodiff/prepare.js';
import { weightsOf } from '../../dist/autodiff/weights.js';
import { feeds, valuesByName } from '../../dist/ir/graph.js';
import { load } from '../../dist/onnx/load.js';
import { builderFor } from '../../dist/ops/builder.js';
import { specialize } from '../../dist/rewrite/index.js';
import { simplify } from '../../dist/rewrite/simplify.js';
import { compile } from '../../dist/runtime/program.js';
import { isFloat, sizeOf } from '../../dist/tensor/dtype.js';
import { random } from '../../dist/tensor/random.js';
import { float32, int64 } from '../../dist/tensor/tensor.js';
import { lstmModel } from './lstm-model.mjs';
import { inTurn, machine, rounded, threads } from './measure.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const shared = resolve(process.env.SCALPEL_SHARED ?? join(root, '..', 'shared'));

/** Model, shape of its input, how many ids that has to choose from, and whether sizes stay symbolic in the gradient graph. */
const networks = [
  {
    name: 'ResNet-20',
    path: join(shared, 'models/resnet20-cifar10/resnet20_cifar10.onnx'),
    shape: [16, 3, 32, 32],
    inputs: true,
  },
  {
    name: 'SqueezeNet',
    path: join(shared, 'models/squeezenet-imagenet/squeezenet1.0.onnx'),
    shape: [1, 3, 227, 227],
    inputs: true,
  },
  {
    name: 'MobileNet',
    path: join(shared, 'models/mobilenet-vww/mobilenetv1_025_vww96.onnx'),
    shape: [16, 3, 96, 96],
    inputs: true,
  },
  { name: 'GPT', path: join(root, 'models/gpt-sotu/model.onnx'), shape: [8, 128], below: 2048 },
  {
    name: 'GPT, sizes symbolic',
    path: join(root, 'models/gpt-sotu/model.onnx'),
    shape: [8, 128],
    below: 2048,
    isSymbolic: true,
  },
  { name: 'FCN', path: join(shared, 'models/fcn-ucr/CBF_fcn.onnx'), shape: [16, 1, 128], inputs: true },
  { name: 'LSTM', path: join(shared, 'fixtures/gradients/lstm/model.onnx'), shape: undefined, inputs: true },
  { name: 'LSTM, 100 steps, both directions', graph: lstmModel(), shape: [32, 100, 64], inputs: true },
];

const rounds = 7;

export async function* gradients() {
  for (const network of networks) {
    if (network.path && !existsSync(network.path)) {
      console.error(`skipped: ${network.name} is not in ${shared}; set SCALPEL_SHARED`);
      continue;
    }
    yield* figuresOf(network);
  }
}

async function* figuresOf({ name, path, graph = load(path).graph, shape, below, isSymbolic, inputs: hasInputs }) {
  const [x] = feeds(graph);
  const sizes = shape ?? x.type.shape.map((size) => (typeof size === 'number' ? size : 16));
  const of = graph.outputs.find(({ name: output }) => output === 'logits') ?? graph.outputs[0];
  const dims = Object.fromEntries(
    x.type.shape.flatMap((size, i) => (typeof size === 'string' ? [[size, sizes[i]]] : [])),
  );
  const fixed = isSymbolic ? graph : specialize(graph, dims);
  const prepared = await prepare(fixed);
  const names = {
    'input gradient': hasInputs ? [x.name] : undefined,
    'all weight gradients': weightsOf(fixed).map((w) => w.name),
  };

  const programs = [];
  const data = new Map([[x.name, numbers(x, sizes, below)]]);
  const plain = await compile(checksum(graph, graph.outputs), { threads });
  programs.push(['forward', plain]);
  for (const [kind, wrt] of Object.entries(names)) {
    if (!wrt) continue;
    const made = await gradientGraph(prepared, { of: of.name, loss: losses['cross-entropy'], wrt });
    const reached =
      made.unreached.length === 0
        ? made
        : await gradientGraph(prepared, {
            of: of.name,
            loss: losses['cross-entropy'],
            wrt: wrt.filter((each) => !made.unreached.includes(each)),
          });
    if (reached.target) data.set(reached.target.name, target(reached.target, sizes, prepared, of));
    const graphOf = checksum(reached.graph, [reached.loss, ...reached.gradients.values()]);
    programs.push([kind, await compile(graphOf, { threads })]);
  }
  const works = programs.map(
    ([, program]) =>
      () =>
        program.run(new Map(program.inputs.map((value) => [value, data.get(value.name)]))),
  );
  const [forward, ...times] = await inTurn(works, rounds);
  for (const [i, time] of times.entries()) {
    const context = `input [${sizes}], forward ${rounded(forward)} ms, with gradients ${rounded(time)} ms; median of ${rounds} in turn; ${machine}`;
    yield { name: `${name}, forward + ${programs[i + 1][0]}`, value: rounded(time / forward), unit: 'ratio', context };
  }
  for (const [, program] of programs) await program.release();
}

/** One number of each output: what is fetched is copied, and that is not what is measured. */
function checksum(graph, outputs) {
  const g = builderFor(graph, 'bench');
  const ends = outputs.map((value) => g.slice(g.reshape(value, [-1]), [0], [1], [0]));
  return simplify(g.appendTo({ ...graph, outputs: [] }, ends));
}

function numbers({ type, name }, shape, below) {
  const draw = random(0, name);
  if (!isFloat(type.dtype))
    return int64(
      shape,
      Array.from({ length: sizeOf(shape) }, (_, i) => draw.integer(i, below)),
    );
  return float32(shape, draw.normals(sizeOf(shape)));
}

function target({ type }, sizes, { graph, types }, of) {
  const scores = types.get(valuesByName(graph).get(of.name)).shape;
  const shape = type.shape.map((size, i) => (typeof size === 'number' ? size : sizes[i]));
  const classes = typeof scores.at(-1) === 'number' ? scores.at(-1) : 2;
  const draw = random(1, 'target');
  return int64(
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => draw.integer(i, classes)),
  );
}
