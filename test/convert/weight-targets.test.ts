import { describe, expect, test } from 'vitest';
import { decodeWeights, type MadeWeights } from '../../src/convert/index.js';
import { nmPacked } from '../../src/convert/nm-packed.js';
import { exitCodes } from '../../src/errors.js';
import type { Graph } from '../../src/ir/types.js';
import { load } from '../../src/onnx/load.js';
import { float32, int64, memoryPayload, type Tensor, tensor } from '../../src/tensor/tensor.js';
import { graphOf, node, typed, waves } from '../helpers/graphs.js';
import { shared } from '../helpers/shared.js';
import { plain } from '../tensor/any-tensor.js';
import { modelOf, pruned, sparse, taskOn, withWeights } from './sparse-weights.js';
import {
  bytesIn,
  cnn,
  expectSame,
  files,
  gpt,
  half,
  oddGraph,
  refusal,
  storedIn,
  throughFile,
} from './weight-files.js';

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
