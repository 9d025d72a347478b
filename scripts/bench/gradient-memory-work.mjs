/** Gradient runs as measured; run as a program it prints the memory, in MB, that one takes at its peak. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gradientGraph } from '../../dist/autodiff/gradient-graph.js';
import { loop } from '../../dist/autodiff/loop.js';
import { losses } from '../../dist/autodiff/losses.js';
import { prepare } from '../../dist/autodiff/prepare.js';
import { weightsOf } from '../../dist/autodiff/weights.js';
import { feeds } from '../../dist/ir/graph.js';
import { load } from '../../dist/onnx/load.js';
import { Builder, builderFor } from '../../dist/ops/builder.js';
import { specialize } from '../../dist/rewrite/index.js';
import { compile } from '../../dist/runtime/program.js';
import { sizeOf, storedBytes } from '../../dist/tensor/dtype.js';
import { random } from '../../dist/tensor/random.js';
import { float32, int64 } from '../../dist/tensor/tensor.js';
import { threads } from './measure.mjs';

export const steps = 100;

/** Rows, and the widths of the layers, with ReLU between them. */
export const networks = {
  'linear layer': { rows: 2048, widths: [768, 768] },
  MLP: { rows: 64, widths: [64, 128, 10] },
};

/** All weight gradients of the GPT, ready to run, and the bytes of what its forward pass computes. */
async function gpt() {
  const { graph } = load(fileURLToPath(new URL('../../models/gpt-sotu/model.onnx', import.meta.url)));
  const sizes = [8, 128];
  const [tokens] = feeds(graph);
  const symbols = tokens.type.shape.flatMap((size, i) => (typeof size === 'string' ? [[size, sizes[i]]] : []));
  const fixed = specialize(graph, Object.fromEntries(symbols));
  const prepared = await prepare(fixed);
  const wrt = weightsOf(fixed).map(({ name }) => name);
  const request = { of: fixed.outputs[0].name, loss: losses['cross-entropy'] };
  const all = await gradientGraph(prepared, { ...request, wrt });
  const reached = wrt.filter((name) => !all.unreached.includes(name));
  const made = reached.length === wrt.length ? all : await gradientGraph(prepared, { ...request, wrt: reached });
  const program = await compile(withOutputs(made.graph, [made.loss, ...made.gradients.values()]), { threads });
  const draw = random(0, 'tokens');
  const ids = int64(
    sizes,
    Array.from({ length: sizeOf(sizes) }, (_, i) => draw.integer(i, 2048)),
  );
  const bytes = prepared.graph.nodes
    .flatMap(({ op, outputs }) => (op === 'Constant' ? [] : outputs))
    .map((value) => prepared.types.get(value))
    .reduce((sum, type) => sum + (type?.shape ? storedBytes(type.dtype, sizeOf(type.shape)) : 0), 0);
  const work = () => program.run(new Map(program.inputs.map((value) => [value, ids])));
  return { work, activations: bytes / 1e6, tokens: sizes.join(' x ') };
}

const withOutputs = (graph, outputs) => ({ ...graph, outputs });

/** `steps` steps of Adam on a network's squared error, as one Loop or as a run each, `collected` with a garbage collection after each. */
export async function adam(network, kind) {
  const { rows, widths } = networks[network];
  const { step, state, rate, data } = await adamStep(rows, widths);
  const rates = Float32Array.from({ length: steps }, (_, i) => correctedRate(i + 1));
  if (kind === 'loop') {
    const program = await compile(loop(step, steps, { state, sliced: [rate] }), { threads });
    const fed = new Map(program.inputs.map((value) => [value, data.get(value.name) ?? float32([steps], rates)]));
    return { work: () => program.run(fed), release: () => program.release() };
  }
  const program = await compile(step, { threads });
  const work = async () => {
    const fed = new Map(program.inputs.map((value) => [value, data.get(value.name)]));
    for (const each of rates) {
      fed.set(rate, float32([], Float32Array.of(each)));
      const results = await program.run(fed);
      for (const [input, output] of state) fed.set(input, results.get(output));
      if (kind === 'collected') globalThis.gc();
    }
  };
  return { work, release: () => program.release() };
}

/** The step size with both bias corrections, as Adam has it up to the place of epsilon. */
const correctedRate = (t) => (1e-3 * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t);

/** One step; weights and both moments are inputs and outputs. */
async function adamStep(rows, widths) {
  const input = (name, shape) => ({ name, type: { dtype: 'float32', shape } });
  const x = input('x', [rows, widths[0]]);
  const weights = widths.slice(1).map((width, i) => input(`w${i}`, [widths[i], width]));
  const g = new Builder();
  const y = weights.reduce((h, w, i) => g.matmul(i > 0 ? g.op('Relu', [h]) : h, w), x);
  const inputs = [x, ...weights];
  const opsets = new Map([['', 21]]);
  const forward = { name: 'step', inputs, outputs: [y], nodes: g.nodes, initializers: g.initializers, opsets };
  const prepared = await prepare({ ...forward, functions: [] });
  const wrt = weights.map(({ name }) => name);
  const made = await gradientGraph(prepared, { of: y.name, loss: losses.mse, wrt });
  const rate = input('rate', []);
  const moments = ['m', 'v'].map((kind) => weights.map((w) => input(`${kind}/${w.name}`, w.type.shape)));
  const whole = { ...made.graph, inputs: [...made.graph.inputs, rate, ...moments.flat()] };
  const update = builderFor(whole, 'adam');
  const num = (value) => update.constant(float32([], Float32Array.of(value)));
  const mix = (share, a, b) => update.add(update.mul(a, num(share)), update.mul(b, num(1 - share)));
  const state = new Map();
  for (const [i, w] of feeds(whole)
    .filter(({ name }) => wrt.includes(name))
    .entries()) {
    const gradient = made.gradients.get(w.name);
    const m = mix(0.9, moments[0][i], gradient);
    const v = mix(0.999, moments[1][i], update.mul(gradient, gradient));
    const root = update.add(update.op('Sqrt', [v]), num(1e-8));
    const next = update.sub(w, update.mul(rate, update.op('Div', [m, root])));
    state.set(w, next).set(moments[0][i], m).set(moments[1][i], v);
  }
  const step = withOutputs(update.appendTo(withOutputs(whole, [])), [...state.values(), made.loss]);
  const draw = (value) => float32(value.type.shape, random(0, value.name).normals(sizeOf(value.type.shape)));
  const zeros = (value) => float32(value.type.shape, new Float32Array(sizeOf(value.type.shape)));
  const starts = feeds(step).filter((value) => value !== rate);
  const data = new Map(
    starts.map((value) => [value.name, moments.flat().includes(value) ? zeros(value) : draw(value)]),
  );
  return { step, state, rate, data };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , what, network, kind] = process.argv;
  const megabytes = (field) =>
    Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1.024e-3;
  const { work, ...facts } = what === 'gpt' ? await gpt() : await adam(network, kind);
  // forgets the peak of compiling
  writeFileSync('/proc/self/clear_refs', '5');
  const before = megabytes('VmRSS');
  await work();
  const peak = megabytes('VmHWM');
  console.log(JSON.stringify({ ...facts, peak, added: peak - before }));
}
