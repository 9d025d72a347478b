/** The targets of sparse weights on whole models: everything comes back, and what does not fit is told. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { bitmask } from '../../src/convert/bitmask.js';
import { csr } from '../../src/convert/csr.js';
import {
  type Converted,
  type ConvertTask,
  decodeWeights,
  loadWeights,
  type MadeWeights,
} from '../../src/convert/index.js';
import { nmDense } from '../../src/convert/nm-dense.js';
import { nmPacked } from '../../src/convert/nm-packed.js';
import { exitCodes, UserError } from '../../src/errors.js';
import type { Graph, Model } from '../../src/ir/types.js';
import { load } from '../../src/onnx/load.js';
import { save } from '../../src/onnx/save.js';
import { saveSafetensors } from '../../src/tensor/safetensors.js';
import { dataOf, float32, int64, memoryPayload, type Tensor, tensor } from '../../src/tensor/tensor.js';
import { graphOf, node, typed, waves } from '../helpers/graphs.js';
import { shared } from '../helpers/shared.js';
import { plain } from '../tensor/any-tensor.js';
import { modelOf, pruned, sparse, taskOn, withWeights } from './sparse-weights.js';

const folder = mkdtempSync(join(tmpdir(), 'scalpel-'));
afterAll(() => rmSync(folder, { recursive: true }));

const gpt = load('models/gpt-sotu/model.onnx');
const cnn = load('models/mnist-cnn/model.onnx');

const files = {
  bitmask: (task: ConvertTask) => bitmask.convert(task, {}),
  csr: (task: ConvertTask) => csr.convert(task, { index: 'auto' }),
  'csr with int32': (task: ConvertTask) => csr.convert(task, { index: 'i32' }),
  'nm-packed': (task: ConvertTask) => nmPacked.convert(task, { n: 2, m: 4 }),
};

/** Writes what was made to a file and reads it back. */
async function throughFile({ made }: Converted): Promise<{ read: Map<string, Tensor>; bytes: number }> {
  const { tensors, metadata } = made as MadeWeights;
  const path = join(folder, 'weights.safetensors');
  await saveSafetensors(path, tensors, Object.fromEntries(metadata));
  return { read: loadWeights(path), bytes: statSync(path).size };
}

/** By name: initializers, and what Constant nodes hold that is more than a number or a vector. */
const storedIn = ({ graph }: Model): Map<string, Tensor> =>
  new Map([
    ...[...graph.initializers].map(([{ name }, t]) => [name, t] as const),
    ...graph.nodes.flatMap(({ attrs, outputs }) =>
      attrs.value?.kind === 'tensor' && attrs.value.value.shape.at(-2)! > 1
        ? [[outputs[0]!.name, attrs.value.value] as const]
        : [],
    ),
  ]);

const bytesIn = (weights: Iterable<Tensor>): number =>
  [...weights].reduce((sum, { payload }) => sum + payload.byteLength, 0);

async function expectSame(converted: Converted, model: Model): Promise<number> {
  const { read, bytes } = await throughFile(converted);
  const stored = storedIn(model);
  expect([...read.keys()]).toEqual([...stored.keys()]);
  for (const [name, t] of stored) {
    const found = read.get(name)!;
    expect([found.dtype, found.shape], name).toEqual([t.dtype, t.shape]);
    expect(Buffer.compare(found.payload.read(), t.payload.read()), name).toBe(0);
  }
  expect(converted.tensors.map(({ name }) => name)).toEqual([...stored.keys()]);
  const after = converted.tensors.reduce((sum, each) => sum + each.bytes.after, 0);
  expect(after).toBe(bytesIn((converted.made as MadeWeights).tensors.values()));
  return bytes;
}

describe.each(Object.entries(files))('%s', (_, convert) => {
  test('gives all weights of a GPT back to the bit, in a smaller file', async () => {
    // what keeps one of four keeps no more than two; at one half, compressed rows would not pay
    const model = pruned(gpt, 1, 4);
    const bytes = await expectSame(await convert(taskOn(model)), model);
    expect(bytes).toBeLessThan(0.8 * bytesIn(storedIn(model).values()));
  });

  test('gives the kernels of a CNN back', async () => {
    const model = withWeights(pruned(cnn, 2, 4), (t) => (t.shape.length === 2 ? sparse(t, 0.9) : t));
    await expectSame(await convert(taskOn(model)), model);
  });
});

/** y = x A + b, with what else a model may store. */
function oddGraph(a: Tensor, others: Readonly<Record<string, Tensor>> = {}): Graph {
  const [x, w, product, y] = [
    typed('x', [1, a.shape[0]!]),
    typed('w', a.shape),
    typed('p', [1, a.shape[1]!]),
    typed('y', [1, a.shape[1]!]),
  ];
  const b = typed('b', [a.shape[1]!]);
  return graphOf({
    inputs: [x],
    outputs: [y],
    nodes: [node('MatMul', [x, w], [product]), node('Add', [product, b], [y])],
    initializers: new Map([
      [w, a],
      [b, waves([a.shape[1]!])],
      ...Object.entries(others).map(([name, t]) => [{ name }, t] as const),
    ]),
  });
}

const half = sparse(waves([64, 64]), 0.5);
const bytes = (dtype: Tensor['dtype'], shape: number[], length: number): Tensor => ({
  dtype,
  shape,
  payload: memoryPayload(new Uint8Array(length).fill(3)),
});

describe('what a model may store besides', () => {
  test('packed, odd and empty tensors come back; text does not, and is told', async () => {
    const text: Tensor = {
      dtype: 'string',
      shape: [1],
      payload: memoryPayload(new Uint8Array(0)),
      strings: [Uint8Array.of(65)],
    };
    const others = {
      int4: bytes('int4', [3], 2),
      fnuz: bytes('float8e4m3fnuz', [300], 300),
      wide: bytes('complex128', [2], 32),
      empty: float32([0, 2 ** 40], new Float32Array(0)),
      scalar: int64([], [0]),
      __proto__x: float32([1], Float32Array.of(0)),
    };
    const model = modelOf(oddGraph(half, { ...others, text }));
    const made = await files.bitmask(taskOn(model));
    const { read } = await throughFile(made);
    const stored = storedIn(model);
    expect([...read.keys()]).toEqual([...stored.keys()].filter((name) => name !== 'text'));
    for (const [name, t] of read) expect(plain(t), name).toEqual(plain(stored.get(name)!));
    expect(made.tensors.filter(({ to }) => to === 'bitmask').map(({ name }) => name)).toEqual(['w']);
    expect(made.notes).toEqual([
      '3 of the weights stay dense: dense is smaller',
      '1 of the weights stay dense: int4 elements cannot be stored one by one',
      '1 of the weights stay dense: float8e4m3fnuz elements cannot be stored one by one',
      '1 of the weights stay dense: complex128 elements cannot be stored one by one',
      '1 of the weights stay dense: it is empty',
      "'text' is not in the file: it holds text",
    ]);
  });

  test('a weight whose parts would have the name of another stays dense', async () => {
    const model = modelOf(oddGraph(half, { other: half, 'w.mask': waves([2]) }));
    const made = await files.bitmask(taskOn(model));
    await expectSame(made, model);
    expect(made.tensors.map(({ name, to }) => [name, to])).toEqual([
      ['w', 'float32'],
      ['b', 'float32'],
      ['other', 'bitmask'],
      ['w.mask', 'float32'],
    ]);
    expect(made.notes).toContain("1 of the weights stay dense: another weight is called 'w.mask'");
  });

  test('matrices of Constant nodes are in the file, tensors inside branches are told', async () => {
    const held = typed('held', [64, 64]);
    const inner = typed('inner', [4]);
    const body: Graph = graphOf({ outputs: [inner], initializers: new Map([[inner, waves([4])]]) });
    const graph = oddGraph(half);
    const [condition, picked] = [typed('c', [], 'bool'), typed('picked', [4])];
    const branches = {
      then_branch: { kind: 'graph', value: body },
      else_branch: { kind: 'graph', value: body },
    } as const;
    const model = modelOf({
      ...graph,
      inputs: [...graph.inputs, condition],
      nodes: [
        node('Constant', [], [held], { value: { kind: 'tensor', value: half } }),
        node('If', [condition], [picked], branches),
        ...graph.nodes,
      ],
    });
    const made = await files.csr(taskOn(model));
    const { read } = await throughFile(made);
    expect([...read.keys()]).toEqual(['w', 'b', 'held']);
    expect(plain(read.get('held')!)).toEqual(plain(half));
    expect(made.notes).toContain('2 tensors stored inside branches, loops or functions are not in the file');
  });

  test('only what is chosen, by name or op, is coded', async () => {
    const model = modelOf(oddGraph(half, { other: half }));
    const by = async (wanted: string) =>
      (await files.bitmask(taskOn(model, (...names) => names.includes(wanted)))).tensors
        .filter(({ to }) => to === 'bitmask')
        .map(({ name }) => name);
    expect(await by('other')).toEqual(['other']);
    expect(await by('MatMul')).toEqual(['w']);
  });

  test('every type of floats, with -0 and NaN payloads', async () => {
    const words = {
      float16: Uint16Array.of(0, 0x8000, 0x7e01, 1),
      bfloat16: Uint16Array.of(0, 0x8000, 0x7fc1, 1),
      float64: BigUint64Array.of(0n, 1n << 63n, 0x7ff8_0000_0000_0001n, 1n),
    };
    for (const [dtype, pattern] of Object.entries(words)) {
      const long = new (pattern.constructor as Uint16ArrayConstructor)(4096);
      for (let i = 0; i < 4; i++) long[8 * i] = pattern[i] as number;
      const odd = tensor(dtype as 'float16', [64, 64], long);
      const model = modelOf(oddGraph(half, { odd }));
      for (const convert of [files.bitmask, files.csr]) await expectSame(await convert(taskOn(model)), model);
    }
  });

  test('a stop is heard between weights', async () => {
    const stop = new AbortController();
    stop.abort(new Error('stopped'));
    await expect(files.bitmask({ ...taskOn(gpt), signal: stop.signal })).rejects.toThrow('stopped');
  });
});

async function refusal(convert: Promise<Converted>): Promise<UserError> {
  const error: unknown = await convert.catch((error: unknown) => error);
  expect(error).toBeInstanceOf(UserError);
  return error as UserError;
}

describe('models that have nothing that fits', () => {
  const dense = modelOf(oddGraph(waves([64, 64])));

  test.each([
    [
      'bitmask',
      'model: expected weights with zeros in them, got none that a bitmask makes smaller; run scalpel prune first',
    ],
    [
      'csr',
      'model: expected weights with enough zeros in them, got none that compressed rows make smaller; run scalpel prune with a higher sparsity first, or convert to bitmask',
    ],
    [
      'nm-packed',
      "model: no chosen weight keeps 2 of 4; in 'w' columns 0 to 3 of output 0 hold 4 values other than zero, 2:4 allows 2; 1024 of 1024 groups break it: run scalpel prune --pattern 2:4 first",
    ],
  ] as const)('%s', async (name, message) => {
    const error = await refusal(files[name](taskOn(dense)));
    expect(error.message).toBe(message);
    expect(error.exitCode).toBe(exitCodes.unsupported);
  });

  test('nm-packed without matrices, and with n not below m', async () => {
    const none = await refusal(files['nm-packed'](taskOn(dense, () => false)));
    expect(none.message).toBe(
      'model: expected weight matrices with groups of 4 inputs, got none among those chosen; choose others, or run scalpel prune --pattern 2:4 first',
    );
    const wrong = await refusal(nmPacked.convert(taskOn(dense), { n: 4, m: 4 }));
    expect([wrong.message, wrong.exitCode]).toEqual([
      'nm-packed: n: expected a number below m, 4, got 4',
      exitCodes.usage,
    ]);
  });
});

describe('nm-packed', () => {
  test('reports which weights do not fit, and where', async () => {
    const model = pruned(cnn, 2, 4);
    const broken = withWeights(model, (t, name) => {
      if (name !== 'net/fc1.weight') return t;
      const values = new Float32Array(dataOf(t) as Float32Array);
      values.set([1, 1, 1, 0], 784 * 3 + 8);
      return float32(t.shape, values);
    });
    const made = await files['nm-packed'](taskOn(broken));
    expect(made.notes).toEqual([
      "'net/conv1.weight' stays dense: groups of 4 need as many consecutive input channels at a kernel position, it has 1",
      "'net/fc1.weight' stays dense: columns 8 to 11 of output 3 hold 3 values other than zero, 2:4 allows 2; 1 of 9408 groups break it",
    ]);
    await expectSame(made, broken);
  });

  test('takes half the bytes and two bits a value', async () => {
    const made = await files['nm-packed'](taskOn(pruned(gpt, 2, 4)));
    const [first] = made.tensors.filter(({ to }) => to === '2:4');
    expect(first).toMatchObject({
      from: 'float32',
      bytes: { before: 192 * 576 * 4, after: 192 * 288 * 4 + (192 * 288) / 4 },
    });
  });

  test.each([
    [4, 8],
    [1, 4],
    [3, 5],
  ])('%d:%d', async (n, m) => {
    const model = pruned(gpt, n, m);
    const made = await nmPacked.convert(taskOn(model), { n, m });
    expect(made.tensors.filter(({ to }) => to === `${n}:${m}`)).toHaveLength(25);
    await expectSame(made, model);
  });

  test('weights behind DequantizeLinear fit where their zero point is 0', async () => {
    const quantized = (zeroPoint: number): Model => {
      const [x, w, real, scale, zero, y] = ['x', 'w', 'real', 'scale', 'zero', 'y'].map((name) => ({ name }));
      const values = Int8Array.from({ length: 4096 }, (_, i) =>
        i % 64 < 32 && Math.floor(i / 64) % 2 ? 5 : zeroPoint,
      );
      return modelOf(
        graphOf({
          inputs: [typed('x', [1, 64])].map((value) => Object.assign(x!, value)),
          outputs: [y!],
          nodes: [node('DequantizeLinear', [w!, scale!, zero!], [real!]), node('MatMul', [x!, real!], [y!])],
          initializers: new Map([
            [w!, tensor('int8', [64, 64], values)],
            [scale!, float32([], Float32Array.of(0.1))],
            [zero!, tensor('int8', [], Int8Array.of(zeroPoint))],
          ]),
        }),
      );
    };
    await expectSame(await files['nm-packed'](taskOn(quantized(0))), quantized(0));
    const error = await refusal(files['nm-packed'](taskOn(quantized(3))));
    expect(error.message).toMatch(/^model: expected weight matrices with groups of 4 inputs/);
    // dense kernels see what is dequantised
    const verified = await nmDense.convert(taskOn(quantized(3)), { n: 2, m: 4, partial: false });
    expect(verified.tensors.map(({ name }) => name)).toEqual(['w']);
  });
});

describe('nm-dense', () => {
  const settings = { n: 2, m: 4, partial: false };
  const modelIn = ({ made }: Converted): Model => (made as { model: Model }).model;

  test('leaves the file as it is but for the record', async () => {
    const path = join(folder, 'pruned.onnx');
    const out = join(folder, 'verified.onnx');
    await save(pruned(gpt, 2, 4), path);
    const made = await nmDense.convert(taskOn(load(path)), settings);
    await save(modelIn(made), out);
    const read = load(out);
    const record = JSON.parse(read.metadata.get('nm_sparsity')!) as { n: number; m: number; weights: string[] };
    expect(record).toEqual({ n: 2, m: 4, weights: made.tensors.map(({ name }) => name) });
    expect(record.weights).toHaveLength(25);
    // the record is one field at the end of the model
    const [before, after] = [readFileSync(path), readFileSync(out)];
    expect(after.subarray(0, before.length).equals(before)).toBe(true);
    expect(after.length).toBeGreaterThan(before.length);
  });

  test('finds what the documentation of TensorRT asks of kernels [K, C, R, S]', async () => {
    const eligible = (t: Tensor): boolean => {
      const [K, C, R, S] = t.shape as [number, number, number, number];
      const w = dataOf(t) as Float32Array;
      for (let k = 0; k < K; k++)
        for (let at = 0; at < R * S; at++)
          for (let c = 0; c < C; c += 4) {
            const group = [0, 1, 2, 3].map((i) => w[(k * C + c + i) * R * S + at]!);
            if (group.filter((value) => value !== 0).length > 2) return false;
          }
      return true;
    };
    const kernel = (model: Model): Tensor => storedIn(model).get('net/conv2.weight')!;
    const chosen = (...names: readonly string[]) => names.includes('net/conv2.weight');
    const right = pruned(cnn, 2, 4);
    expect(eligible(kernel(right))).toBe(true);
    expect((await nmDense.convert(taskOn(right, chosen), settings)).tensors).toHaveLength(1);
    // zeros along the kernel instead of the channels
    const wrong = withWeights(cnn, (t) =>
      float32(
        t.shape,
        Float32Array.from(dataOf(t) as Float32Array, (v, i) => (i % 9 < 5 ? v : 0)),
      ),
    );
    expect(eligible(kernel(wrong))).toBe(false);
    const error = await refusal(nmDense.convert(taskOn(wrong, chosen), settings));
    expect(error.exitCode).toBe(exitCodes.unsupported);
    expect(error.message).toMatch(
      /^.*model\.onnx: 'net\/conv2\.weight' breaks 2:4: columns \d+ to \d+ of output \d+ hold [34] values/,
    );
  });

  test('one that breaks the pattern is refused, or left out by partial', async () => {
    const model = modelOf(oddGraph(half));
    const both = { ...model, graph: withSecond(model.graph) };
    const error = await refusal(nmDense.convert(taskOn(both), settings));
    expect(error.message).toMatch(
      /^model: 'w' breaks 2:4: columns .*; run scalpel prune --pattern 2:4 first, or leave them out by --exclude or partial=true$/,
    );
    const made = await nmDense.convert(taskOn(both), { ...settings, partial: true });
    expect(made.tensors.map(({ name }) => name)).toEqual(['second']);
    expect(JSON.parse(modelIn(made).metadata.get('nm_sparsity')!)).toEqual({ n: 2, m: 4, weights: ['second'] });
    expect(made.notes).toEqual([expect.stringMatching(/^'w' is not recorded: columns/)]);
    const none = await refusal(nmDense.convert(taskOn(model), { ...settings, partial: true }));
    expect(none.exitCode).toBe(exitCodes.unsupported);
  });

  /** A second product, whose weight keeps two of four: -0 is a zero, NaN is none. */
  function withSecond(graph: Graph): Graph {
    const [second, z] = [typed('second', [64, 8]), typed('z', [1, 8])];
    const values = Float32Array.from({ length: 512 }, (_, i) => [Number.NaN, -0, 0, 7][Math.floor(i / 8) % 4]!);
    return {
      ...graph,
      outputs: [z],
      nodes: [...graph.nodes, node('MatMul', [graph.outputs[0]!, second], [z])],
      initializers: new Map([...graph.initializers, [second, float32([64, 8], values)]]),
    };
  }

  test('inputs that fill no whole groups are told', async () => {
    const model = modelOf(oddGraph(float32([6, 8], new Float32Array(48))));
    const error = await refusal(nmDense.convert(taskOn(model), settings));
    expect(error.message).toBe(
      'model: expected weight matrices with whole groups of 4 inputs, got none among those chosen; choose others',
    );
  });

  test('small numbers of float64 are no zeros', async () => {
    const w = tensor('float64', [4, 4], new Float64Array(16).fill(1e-300));
    const [x, y, value] = [typed('x', [1, 4], 'float64'), typed('y', [1, 4], 'float64'), typed('w', [4, 4], 'float64')];
    const graph = graphOf({
      inputs: [x],
      outputs: [y],
      nodes: [node('MatMul', [x, value], [y])],
      initializers: new Map([[value, w]]),
    });
    expect((await refusal(nmDense.convert(taskOn(modelOf(graph)), settings))).message).toContain(
      'hold 4 values other than zero',
    );
  });
});

describe('a pruned network from elsewhere', () => {
  const path = shared('models/squeezenet-imagenet/squeezenet1.0.onnx');
  test.skipIf(!path)('SqueezeNet with two thirds of zeros', { timeout: 60_000 }, async () => {
    const model = load(path!);
    const dense = bytesIn(storedIn(model).values());
    const masked = await expectSame(await files.bitmask(taskOn(model)), model);
    const rows = await expectSame(await files.csr(taskOn(model)), model);
    expect(masked).toBeLessThan(0.4 * dense);
    expect(rows).toBeLessThan(0.55 * dense);
  });
});

test('nothing of the weights is read before it is written, and then one at a time', async () => {
  const model = pruned(gpt, 2, 4);
  const made = await files.bitmask(taskOn(model));
  const { tensors, metadata } = made.made as MadeWeights;
  const parts = [...tensors.keys()].filter((name) => name.endsWith('.values'));
  expect(parts.length).toBeGreaterThan(20);
  // two reads of one part give the same memory until another is read
  const [a, b] = parts.map((name) => tensors.get(name)!.payload) as [Tensor['payload'], Tensor['payload']];
  const first = a.read().buffer;
  expect(a.read(4, 4).buffer).toBe(first);
  b.read();
  expect(a.read().buffer).not.toBe(first);
  expect(decodeWeights(tensors, metadata, 'memory').size).toBe(storedIn(model).size);
});
