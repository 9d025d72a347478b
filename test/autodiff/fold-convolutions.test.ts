/** Convolutions rewritten for speed: the same values and gradients, in the nodes expected. */
import { describe, expect, test } from 'vitest';
import { foldConvolutions } from '../../src/autodiff/fold-convolutions.js';
import { grad } from '../../src/autodiff/grad.js';
import { typesOf } from '../../src/autodiff/prepare.js';
import type { AttrInput } from '../../src/ir/node.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { verify } from '../../src/ir/verify.js';
import { builderFor } from '../../src/ops/builder.js';
import { withProgram } from '../../src/runtime/program.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { sizeOf } from '../../src/tensor/dtype.js';
import { random } from '../../src/tensor/random.js';
import { float32 } from '../../src/tensor/tensor.js';

interface Network {
  readonly input: readonly number[];
  readonly weight: readonly number[];
  readonly conv?: Readonly<Record<string, AttrInput>>;
  readonly norm?: Readonly<Record<string, AttrInput>> | null;
  readonly isBiased?: boolean;
}

/** Conv, BatchNormalization, Relu; every parameter is an input. */
function networkOf({ input, weight, conv = {}, norm = {}, isBiased = false }: Network) {
  const value = (name: string, shape: readonly number[]): Value => ({ name, type: { dtype: 'float32', shape } });
  const parameter = (name: string): Value => value(name, [weight[0]!]);
  const [x, w, b] = [value('x', input), value('w', weight), parameter('b')];
  const statistics = ['scale', 'shift', 'mean', 'variance'].map(parameter);
  const inputs = [x, w, ...(isBiased ? [b] : []), ...(norm ? statistics : [])];
  const opsets = new Map([['', 21]]);
  const empty: Graph = { name: 'n', inputs, outputs: [], nodes: [], initializers: new Map(), functions: [], opsets };
  const g = builderFor(empty);
  const z = g.op('Conv', isBiased ? [x, w, b] : [x, w], conv);
  const isTraining = norm?.training_mode === 1;
  const normed = norm ? g.ops('BatchNormalization', [z, ...statistics], isTraining ? 3 : 1, norm)[0]! : z;
  const y = g.op('Relu', [normed]);
  return {
    graph: { ...g.appendTo(empty), outputs: [y] },
    z,
    y,
    wrt: inputs.filter((each) => each.name !== 'variance'),
  };
}

/** The output, and the gradient of its sum towards everything. */
async function valuesOf(graph: Graph, y: Value, wrt: readonly Value[]): Promise<Float32Array[]> {
  verify(graph);
  const { graph: whole, gradients } = grad(graph, y, wrt, { types: await typesOf(graph) });
  const outputs = [y, ...gradients.values()];
  const fed = new Map(
    graph.inputs.map(({ name, type }) => {
      const shape = type!.shape as readonly number[];
      const draws = random(3, name).normals(sizeOf(shape));
      return [name, float32(shape, name === 'variance' ? draws.map((each) => 0.5 + Math.abs(each)) : draws)];
    }),
  );
  return withProgram({ ...whole, outputs }, { threads: 1 }, async ({ inputs, run }) => {
    const results = await run(new Map(inputs.map((input) => [input, fed.get(input.name)!])));
    return outputs.map((output) => Float32Array.from(floatsOf(results.get(output)!)));
  });
}

const opsOf = (graph: Graph): string[] => graph.nodes.map(({ op }) => op);

const image: Network = { input: [2, 3, 6, 5], weight: [4, 3, 3, 3] };
const series: Network = { input: [2, 4, 12], weight: [6, 2, 3], conv: { group: 2, pads: [2, 1], strides: [2] } };

describe('foldConvolutions', () => {
  test.each<[string, Network, readonly string[]]>([
    ['a normalisation', image, ['Conv', 'Relu']],
    ['a normalisation behind a bias', { ...image, isBiased: true, conv: { pads: [1, 0, 1, 2] } }, ['Conv', 'Relu']],
    ['one axis', { ...series, norm: null }, ['Unsqueeze', 'Unsqueeze', 'Conv', 'Squeeze', 'Relu']],
    ['both', { ...series, isBiased: true }, ['Unsqueeze', 'Conv', 'Squeeze', 'Relu']],
    [
      'padding by the shape',
      { ...series, conv: { group: 2, auto_pad: 'SAME_LOWER' } },
      ['Unsqueeze', 'Conv', 'Squeeze'],
    ],
  ])('%s: same values and gradients', async (_name, network, ops) => {
    const { graph, y, wrt } = networkOf(network);
    const folded = foldConvolutions(graph, await typesOf(graph), new Set());
    expect(opsOf(folded)).toEqual(expect.arrayContaining([...ops]));
    expect(opsOf(folded)).not.toContain('BatchNormalization');
    const [expected, got] = [await valuesOf(graph, y, wrt), await valuesOf(folded, y, wrt)];
    for (const [i, values] of expected.entries()) {
      const scale = Math.max(...values.map(Math.abs));
      const worst = Math.max(...values.map((each, j) => Math.abs(each - got[i]![j]!)));
      expect(worst).toBeLessThanOrEqual(1e-5 * scale + 1e-6);
    }
  });

  test.each<[string, Network, 'kept' | 'output' | 'read twice' | 'as it is']>([
    ['asked for', image, 'kept'],
    ['an output', image, 'output'],
    ['read twice', image, 'read twice'],
    ['normalised by the batch', { ...image, norm: { training_mode: 1 } }, 'as it is'],
  ])('leaves a convolution whose value is %s', async (_name, network, how) => {
    const { graph, z, y } = networkOf(network);
    const g = builderFor(graph, 'more');
    const outputs = how === 'output' ? [y, z] : how === 'read twice' ? [y, g.op('Neg', [z])] : [y];
    const whole: Graph = { ...g.appendTo(graph), outputs };
    const keep = new Set(how === 'kept' ? [z] : []);
    expect(foldConvolutions(whole, await typesOf(whole), keep)).toBe(whole);
  });
});
