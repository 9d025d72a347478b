/** What the gradients of convolutions cost: forward and both gradients against the plain forward, and the formulations chosen. */
import { grad } from '../../dist/autodiff/grad.js';
import { attrs } from '../../dist/ir/node.js';
import { builderFor } from '../../dist/ops/builder.js';
import { simplify } from '../../dist/rewrite/simplify.js';
import { annotate } from '../../dist/runtime/annotate.js';
import { compile } from '../../dist/runtime/program.js';
import { sizeOf } from '../../dist/tensor/dtype.js';
import { random } from '../../dist/tensor/random.js';
import { float32 } from '../../dist/tensor/tensor.js';
import { inTurn, machine, rounded, threads } from './measure.mjs';

const [batch, rounds] = [8, 7];

/** Input channels, output channels, input size, kernel, stride, groups, dilation. */
const shapes = {
  '3x3 64 at 56': [64, 64, 56, 3, 1, 1, 1],
  '3x3 128 at 28': [128, 128, 28, 3, 1, 1, 1],
  '3x3 stride 2 128 to 256 at 28': [128, 256, 28, 3, 2, 1, 1],
  '3x3 512 at 7': [512, 512, 7, 3, 1, 1, 1],
  '1x1 256 to 64 at 56': [256, 64, 56, 1, 1, 1, 1],
  '1x1 stride 2 256 to 512 at 28': [256, 512, 28, 1, 2, 1, 1],
  '7x7 stride 2 3 to 64 at 112': [3, 64, 112, 7, 2, 1, 1],
  'depthwise 3x3 96 at 56': [96, 96, 56, 3, 1, 96, 1],
  'depthwise 3x3 stride 2 96 at 56': [96, 96, 56, 3, 2, 96, 1],
  'depthwise 7x7 96 at 28': [96, 96, 28, 7, 1, 96, 1],
  '3x3 32 groups 128 at 28': [128, 128, 28, 3, 1, 32, 1],
  '3x3 dilation 2 128 at 28': [128, 128, 28, 3, 1, 1, 2],
};

export async function* convGradients() {
  const total = { plain: 0, input: 0, both: 0, trained: 0 };
  for (const [name, shape] of Object.entries(shapes)) {
    const programs = await programsOf(shape);
    const [plain, input, both, trained] = await inTurn(programs.runs, rounds);
    await programs.release();
    const context = `batch ${batch}; the forward with a constant weight takes ${rounded(plain)} ms; median of ${rounds} in turn; ${machine}`;
    yield { name: `${name}: forward + dX / forward`, value: rounded(input / plain), unit: 'ratio', context };
    yield { name: `${name}: forward + dX + dW / forward`, value: rounded(both / plain), unit: 'ratio', context };
    yield {
      name: `${name}: forward + dX + dW / forward, weight fed`,
      value: rounded(trained / plain),
      unit: 'ratio',
      context,
    };
    total.plain += plain;
    total.input += input;
    total.both += both;
    total.trained += trained;
  }
  const context = `sums over the ${Object.keys(shapes).length} shapes; batch ${batch}; ${machine}`;
  const figure = (name, time) => ({ name, value: rounded(time / total.plain), unit: 'ratio', context });
  yield figure('all: forward + dX / forward', total.input);
  yield figure('all: forward + dX + dW / forward', total.both);
  yield figure('all: forward + dX + dW / forward, weight fed', total.trained);
}

/** The forward, forward + dX and forward + dX + dW with a constant weight, and the last with one that is an input. */
async function programsOf(shape) {
  const constant = graphOf(shape, true);
  const trained = graphOf(shape, false);
  const all = [
    [constant.graph, constant.feeds],
    await differentiated(constant, [constant.x]),
    await differentiated(constant, [constant.x, constant.weight]),
    await differentiated(trained, [trained.x, trained.weight]),
  ];
  const compiled = [];
  for (const [graph, feeds] of all) compiled.push([await compile(ended(graph), { threads }), feeds]);
  return {
    runs: compiled.map(
      ([program, feeds]) =>
        () =>
          program.run(new Map(program.inputs.map((input) => [input, feeds.get(input.name)]))),
    ),
    release: () => Promise.all(compiled.map(([program]) => program.release())),
  };
}

async function differentiated({ graph, y, seed, feeds }, wrt) {
  const open = { ...graph, inputs: [...graph.inputs, seed] };
  const { graph: whole, gradients } = grad(open, y, wrt, { types: await annotate(graph), seed });
  return [{ ...whole, outputs: [y, ...gradients.values()] }, feeds];
}

/** One element of each output leaves, so that copying outputs is not measured. */
function ended(graph) {
  const g = builderFor(graph, 'end');
  const corners = graph.outputs.map((value) => g.slice(value, [0, 0, 0, 0], [1, 1, 1, 1], [0, 1, 2, 3]));
  return simplify({ ...g.appendTo(graph), outputs: corners });
}

function graphOf([channels, results, size, kernel, stride, group, dilation], isConstant) {
  const pad = (dilation * (kernel - 1)) >> 1;
  const out = Math.floor((size + 2 * pad - dilation * (kernel - 1) - 1) / stride) + 1;
  const value = (name, shape) => ({ name, type: { dtype: 'float32', shape } });
  const x = value('x', [batch, channels, size, size]);
  const weight = value('weight', [results, channels / group, kernel, kernel]);
  const seed = value('seed', [batch, results, out, out]);
  const y = { name: 'y' };
  const window = { pads: [pad, pad, pad, pad], strides: [stride, stride], dilations: [dilation, dilation] };
  const filled = ({ name, type }) => {
    const draw = random(1, name);
    return float32(
      type.shape,
      Float32Array.from({ length: sizeOf(type.shape) }, (_, i) => draw.normal(i)),
    );
  };
  const graph = {
    name: 'conv',
    inputs: isConstant ? [x] : [x, weight],
    outputs: [y],
    nodes: [
      { name: 'conv', op: 'Conv', domain: '', inputs: [x, weight], outputs: [y], attrs: attrs({ ...window, group }) },
    ],
    initializers: new Map(isConstant ? [[weight, filled(weight)]] : []),
    opsets: new Map([['', 21]]),
    functions: [],
  };
  return { graph, x, weight, y, seed, feeds: new Map([x, weight, seed].map((input) => [input.name, filled(input)])) };
}
