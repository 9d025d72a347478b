/** What reconstruction costs: a step of descent on a region as a ratio to the region's plain forward, and the optimiser's share. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Stepper } from '../../dist/fit/stepper.js';
import { load } from '../../dist/onnx/load.js';
import { findLayers } from '../../dist/ops/layers.js';
import { findParameters } from '../../dist/ops/parameters.js';
import { adamw, sgd } from '../../dist/optim/index.js';
import { workingCopy } from '../../dist/pipeline/working-copy.js';
import { batchesOf, regionProblem } from '../../dist/reconstruct/region-problem.js';
import { findRegions, granularities } from '../../dist/regions/index.js';
import { withoutSizes } from '../../dist/regions/propagate.js';
import { extract } from '../../dist/rewrite/extract.js';
import { annotate } from '../../dist/runtime/annotate.js';
import { compile, withProgram } from '../../dist/runtime/program.js';
import { floatsOf } from '../../dist/tensor/convert.js';
import { random } from '../../dist/tensor/random.js';
import { float32, int64 } from '../../dist/tensor/tensor.js';
import { costsOf, scalpel } from '../study/runs.mjs';
import { inTurn, machine, rounded, threads } from './measure.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Windows of a step: the default, and as many as a run of the forward pass would take. */
const windows = [2, 8];
const length = 128;
const steps = 20;
const rounds = 9;

export async function* reconstruction() {
  const graph = workingCopy(load(join(root, 'models/gpt-sotu/model.onnx')).graph);
  const { layers } = findLayers(graph);
  const structure = findRegions(graph, layers);
  const types = await annotate(graph);
  const halves = granularities.half(structure);
  const regions = [
    ['attention half', halves.find(({ kind }) => kind === 'attention')],
    ['MLP half', halves.find(({ kind }) => kind === 'mlp')],
    ['block', granularities.block(structure)[0]],
  ];
  for (const count of windows) {
    const draws = [...random(1, 'tokens').uniforms(count * length)];
    const ids = int64(
      [count, length],
      draws.map((u) => Math.floor(u * 2048)),
    );
    for (const [name, region] of regions) yield* figuresOf(name, region, graph, types, ids);
  }
  yield* wholeRuns();
}

/** Peak memory by what is fitted at a time, and how much of the time is ours. */
async function* wholeRuns() {
  const folder = mkdtempSync(join(tmpdir(), 'scalpel-bench-'));
  const run = (region) =>
    scalpel(root, [
      ...['prune', 'models/gpt-sotu/model.onnx', '--method', 'wanda', '--pattern', '0.7', '--reconstruct', region],
      ...['--calibration', 'calibration/sotu.yaml', '--provider', 'cpu', '--json', '--quiet', '--force'],
      ...['--output', join(folder, 'out.onnx')],
    ]);
  const context = `gpt-sotu, Wanda at 0.7, 128 windows of 128 tokens, default descent, ${machine}`;
  try {
    const halves = costsOf(await run('half'));
    const { seconds, runtimeSeconds, peakBytes } = halves;
    yield {
      name: 'halves: time outside the runtime',
      value: rounded(1 - runtimeSeconds / seconds),
      unit: 'fraction',
      context,
    };
    yield { name: 'halves: pruning and fitting', value: rounded(seconds), unit: 's', context };
    yield { name: 'halves: peak memory', value: rounded(peakBytes / 1e6), unit: 'MB', context };
    for (const region of ['block', 'whole']) {
      const value = rounded(costsOf(await run(region)).peakBytes / peakBytes);
      yield { name: `${region}: peak memory to that of halves`, value, unit: 'ratio', context };
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function* figuresOf(part, region, graph, types, ids) {
  const name = `${part}, ${ids.shape[0]} windows`;
  const { inputs, outputs, layers } = region;
  const crossing = extract(graph, graph.inputs, [...new Set([...inputs, ...outputs])]);
  const values = await withProgram(crossing, { threads }, (program) =>
    program.run(new Map(program.inputs.map((value) => [value, ids]))),
  );
  const own = extract(graph, inputs, outputs);
  const fed = new Map(inputs.map((value) => [value, values.get(value) ?? ids]));
  const targets = new Map(outputs.map((value) => [value, values.get(value)]));
  const problem = regionProblem(own, new Map([...fed, ...targets]), 'mse');
  const data = { count: steps, inputs: () => fed, targets: () => targets };
  const parameters = findParameters(own, layers);
  const masks = new Map(layers.map(({ weight, stored }) => [weight, halfOf(stored)]));
  const context = `gpt-sotu, windows of ${length} tokens, masks at 0.5, ${machine}`;
  const order = Uint32Array.from({ length: steps }, (_, i) => i);
  const forward = await compile(own, { threads, types: withoutSizes(types) });
  const open = (optimiser) =>
    Stepper.open(
      { ...problem, weights: parameters, masks, batches: batchesOf(problem, data) },
      { threads, optimiser, rate: 1e-9 },
    );
  const steppers = [await open(adamw()), await open(sgd({ momentum: 0 }))];
  const states = steppers.map((stepper) => stepper.start());
  for (const [i, stepper] of steppers.entries()) await stepper.run(states[i], order, 1e6);
  const works = [
    async () => {
      for (let i = 0; i < steps; i++) await forward.run(fed);
    },
    ...steppers.map((stepper, i) => async () => {
      for (let done = 0; done < steps; )
        done += (await stepper.run(states[i], order.subarray(done), 1e6)).losses.length;
    }),
  ];
  const [plain, adam, bare] = await inTurn(works, rounds);
  yield { name: `${name}: step to forward`, value: rounded(adam / plain), unit: 'ratio', context };
  yield { name: `${name}: AdamW's share of a step`, value: rounded(1 - bare / adam), unit: 'fraction', context };
  yield { name: `${name}: forward`, value: rounded(plain / steps), unit: 'ms', context };
  for (const program of [forward, ...steppers]) await program.release();
}

function halfOf(stored) {
  const sizes = floatsOf(stored).map(Math.abs);
  const median = sizes.slice().sort()[sizes.length >> 1];
  return float32(
    stored.shape,
    sizes.map((size) => (size < median ? 0 : 1)),
  );
}
