/** The networks of fixtures/gradients, with the float64 gradients that PyTorch gave for them. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gradientGraph } from '../../src/autodiff/gradient-graph.js';
import { losses } from '../../src/autodiff/losses.js';
import { prepare } from '../../src/autodiff/prepare.js';
import { feeds } from '../../src/ir/graph.js';
import { load } from '../../src/onnx/load.js';
import { withProgram } from '../../src/runtime/program.js';
import { loadNpz } from '../../src/tensor/npz.js';
import { dataOf, type Tensor } from '../../src/tensor/tensor.js';
import { shared } from '../helpers/shared.js';

const folder = shared('fixtures/gradients');

export const networkNames: readonly string[] = folder ? readdirSync(folder).sort() : [];

export const fixturePath = (network: string, file: string): string => join(folder ?? '', network, file);

export interface Comparison {
  readonly loss: number;
  readonly expectedLoss: number;
  /** Largest difference to the reference by gradient, in units of what is allowed: 1e-4 of its largest entry and 1e-6. */
  readonly excess: ReadonlyMap<string, number>;
  /** Largest difference, relative to the largest gradient entry of the network. */
  readonly worst: number;
  /** Nodes of the model's working copy, and with loss and gradients. */
  readonly nodes: readonly [forward: number, whole: number];
  /** To prepare, differentiate, compile and run it once. */
  readonly seconds: number;
}

/** Differentiates the mean cross-entropy of a network, and compares loss and gradients with the reference. */
export async function compareNetwork(network: string): Promise<Comparison> {
  const started = performance.now();
  const { graph } = load(fixturePath(network, 'model.onnx'));
  const expected = loadNpz(fixturePath(network, 'expected.npz'));
  const wrt = [...expected.keys()].flatMap((name) => (name.startsWith('grad/') ? [name.slice(5)] : []));
  const prepared = await prepare(graph);
  const made = await gradientGraph(prepared, { of: 'logits', loss: losses['cross-entropy'], wrt, check: true });
  const inputs = loadNpz(fixturePath(network, 'inputs.npz'));
  const results = await withProgram(made.graph, {}, (program) =>
    program.run(new Map(feeds(made.graph).map((value) => [value, inputs.get(value.name)!]))),
  );
  const seconds = (performance.now() - started) / 1000;
  let [largest, apart] = [0, 0];
  const numbers = (t: Tensor): number[] => Array.from(dataOf(t), Number);
  const excess = [...made.gradients].map(([name, value]) => {
    const reference = numbers(expected.get(`grad/${name}`)!);
    const found = numbers(results.get(value)!);
    if (found.length !== reference.length) throw new Error(`${name}: ${found.length} entries, not ${reference.length}`);
    const size = reference.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    const allowed = 1e-4 * size + 1e-6;
    const worst = found.reduce((most, x, i) => Math.max(most, notNaN(Math.abs(x - reference[i]!))), 0);
    [largest, apart] = [Math.max(largest, size), Math.max(apart, worst)];
    return [name, worst / allowed] as const;
  });
  return {
    loss: numbers(results.get(made.loss!)!)[0]!,
    expectedLoss: numbers(expected.get('loss')!)[0]!,
    excess: new Map(excess),
    worst: apart / largest,
    nodes: [prepared.graph.nodes.length, made.graph.nodes.length],
    seconds,
  };
}

const notNaN = (x: number): number => (Number.isNaN(x) ? Number.POSITIVE_INFINITY : x);
