/** float16 and bfloat16: types, Casts, what stays, what is told of lost digits, and the numbers that come out. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { costOf, halved } from '../../src/convert/half/halve.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { floatsOf, tensorOf } from '../../src/tensor/convert.js';
import { float32, int64, scalar, type Tensor } from '../../src/tensor/tensor.js';
import { graphOf, node, numbers, opsOf, typed, waves } from '../helpers/graphs.js';
import { convert, modelOf } from './tasks.js';

const signal = new AbortController().signal;
const half = (value: Value | undefined) => value?.type?.dtype;

describe('a tensor in half precision', () => {
  const floats = fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 40 });

  test.each(['float16', 'bfloat16'] as const)('is read in any pieces, and off by half a step at most: %s', (to) => {
    const step = to === 'float16' ? 2 ** -11 : 2 ** -8;
    const [largest, least] = to === 'float16' ? [65504, 2 ** -14] : [255 * 2 ** 120, 2 ** -126];
    fc.assert(
      fc.property(floats, fc.nat(), fc.nat(), (values, a, b) => {
        const t = halved(float32([values.length], Float32Array.from(values)), to);
        const whole = t.payload.read();
        const from = a % whole.length;
        const length = b % (whole.length - from + 1);
        expect([...t.payload.read(from, length)]).toEqual([...whole.subarray(from, from + length)]);
        const after = floatsOf(t);
        for (const [i, value] of values.entries()) {
          if (!Number.isFinite(value)) expect(after[i]).toBe(value);
          else if (Math.abs(value) > largest) expect(after[i]).toBe(Math.sign(value) * largest);
          else expect(Math.abs(after[i]! - value)).toBeLessThanOrEqual(step * Math.max(Math.abs(value), least));
        }
      }),
    );
  });

  test('keeps zeros, and both their signs', () => {
    expect([...halved(float32([2], Float32Array.of(0, -0)), 'float16').payload.read()]).toEqual([0, 0, 0, 0x80]);
  });

  test('says what was lost', async () => {
    const t = float32([6], Float32Array.of(1e6, -Infinity, 1e-9, 2 ** -15, 1, 0));
    expect(await costOf(t, 'float16', signal)).toMatchObject({
      clamped: 1,
      flushed: 1,
      subnormal: 1,
      largest: 1e6 - 65504,
    });
    const exact = await costOf(float32([3], Float32Array.of(1, -0.5, 0)), 'bfloat16', signal);
    expect(exact).toEqual({ relative: 0, largest: 0, clamped: 0, flushed: 0, subnormal: 0 });
  });
});

/** softmax(relu(x w + b) v), the square of x being a second answer. */
function network(): Graph {
  const [x, w, b, v, two] = [
    typed('x', ['n', 4]),
    typed('w', [4, 8]),
    typed('b', [8]),
    typed('v', [8, 3]),
    typed('two', []),
  ];
  const [h, s, r, z, y, q] = ['h', 's', 'r', 'z', 'y', 'q'].map((name) => typed(name, ['n', null])) as Value[];
  return graphOf({
    inputs: [x],
    outputs: [y!, q!],
    nodes: [
      node('MatMul', [x, w], [h!]),
      node('Add', [h!, b], [s!]),
      node('Relu', [s!], [r!]),
      node('MatMul', [r!, v], [z!]),
      node('Softmax', [z!], [y!]),
      node('Pow', [x, two], [q!]),
    ],
    initializers: new Map<Value, Tensor>([
      [w, waves([4, 8])],
      [b, waves([8], 0.3)],
      [v, waves([8, 3], 0.7)],
      [two, scalar(2)],
    ]),
  });
}

const fed = { x: waves([5, 4], 0.4) };

describe('float16 of a whole network', () => {
  test('keeps inputs, outputs and delicate ops in float32 with a Cast at each border', async () => {
    const { model, tensors, notes } = await convert(modelOf(network()), 'float16');
    const { graph } = model;
    expect(opsOf(graph)).toEqual(['Cast', 'MatMul', 'Add', 'Relu', 'MatMul', 'Cast', 'Softmax', 'Pow']);
    expect([...graph.inputs, ...graph.outputs].map(half)).toEqual(['float32', 'float32', 'float32']);
    expect([...graph.initializers].map(([{ name, type }, t]) => [name, type?.dtype, t.dtype])).toEqual([
      ['w', 'float16', 'float16'],
      ['b', 'float16', 'float16'],
      ['v', 'float16', 'float16'],
      ['two', 'float32', 'float32'],
    ]);
    expect(tensors.map(({ name, from, to, bytes }) => [name, from, to, bytes.after / bytes.before])).toEqual(
      ['w', 'b', 'v'].map((name) => [name, 'float32', 'float16', 0.5]),
    );
    expect(notes).toContain('in float32, delicate: Softmax (1), Pow (1)');
    await close(graph, fed);
  });

  test.each([{ delicate: 'convert' }, { io: 'convert' }, { io: 'convert', delicate: 'convert' }])(
    'computes about the same with %j',
    async (given) => {
      const { model } = await convert(modelOf(network()), 'float16', given);
      const wanted = 'io' in given ? 'float16' : 'float32';
      expect([...model.graph.inputs, ...model.graph.outputs].map(half)).toEqual([wanted, wanted, wanted]);
      if ('delicate' in given)
        expect([...model.graph.initializers.values()].map(({ dtype }) => dtype)).toContain('float16');
      await close(model.graph, 'io' in given ? { x: tensorOf('float16', [5, 4], floatsOf(fed.x)) } : fed);
    },
  );

  test('leaves alone what is not chosen, by op, node or weight', async () => {
    const without = (...left: string[]) => ({
      isChosen: (...names: readonly string[]) => !names.some((name) => left.includes(name)),
    });
    const byOp = await convert(modelOf(network()), 'float16', {}, without('MatMul'));
    expect(byOp.tensors.map(({ name }) => name)).toEqual(['b']);
    const byWeight = await convert(modelOf(network()), 'float16', {}, without('v'));
    expect(byWeight.tensors.map(({ name }) => name)).toEqual(['w', 'b']);
    await close(byWeight.model.graph, fed);
  });

  test('keeps what stands between delicate ops with them', async () => {
    const [x, e] = [typed('x', ['n', 4]), typed('e', [])];
    const [p, m, a, q, y] = ['p', 'm', 'a', 'q', 'y'].map((name) => typed(name, ['n', null])) as Value[];
    const w = typed('w', [1, 4]);
    const graph = graphOf({
      inputs: [x],
      outputs: [y!],
      nodes: [
        node('Pow', [x, e], [p!]),
        node('ReduceMean', [p!], [m!]),
        node('Add', [m!, e], [a!]),
        node('Sqrt', [a!], [q!]),
        node('Mul', [q!, w], [y!]),
      ],
      initializers: new Map([
        [e, scalar(2)],
        [w, waves([1, 4])],
      ]),
    });
    const { model, notes } = await convert(modelOf(graph), 'float16');
    expect(opsOf(model.graph)).toEqual(['Pow', 'ReduceMean', 'Add', 'Sqrt', 'Cast', 'Mul', 'Cast']);
    expect(notes).toContain('in float32, between such: Add (1)');
  });

  test('knows by the runtime which ops have no such form, and asks by opset', async () => {
    const [x, w, far, y] = [typed('x', [4]), typed('w', [4]), typed('far', [4], 'bool'), typed('y', [4])];
    const z = typed('z', [4]);
    const nodes = [node('Mul', [x, w], [z]), node('IsInf', [z], [far]), node('Cast', [far], [y], { to: 1 })];
    const graph = (opset: number) =>
      graphOf({
        inputs: [x],
        outputs: [y],
        nodes,
        initializers: new Map([[w, waves([4])]]),
        opsets: new Map([['', opset]]),
      });
    const [old, recent] = [await convert(modelOf(graph(17)), 'float16'), await convert(modelOf(graph(20)), 'float16')];
    expect(old.notes).toContain('in float32, no form in float16: IsInf (1)');
    expect(recent.notes.join()).not.toContain('IsInf');
  });

  test('casts what branches capture, and leaves the branches as they are', async () => {
    const [x, flag, w] = [typed('x', [2, 4]), typed('flag', [], 'bool'), typed('w', [4, 4])];
    const [h, y] = [typed('h', [2, 4]), typed('y', [2, 4])];
    const branch = (op: string): Graph => {
      const out = typed(`${op} out`, [2, 4]);
      return graphOf({ name: op, outputs: [out], nodes: [node(op, [h], [out])] });
    };
    const attrs = {
      then_branch: { kind: 'graph', value: branch('Exp') },
      else_branch: { kind: 'graph', value: branch('Neg') },
    } as const;
    const graph = graphOf({
      inputs: [x, flag],
      outputs: [y],
      nodes: [node('MatMul', [x, w], [h]), node('If', [flag], [y], attrs)],
      initializers: new Map([[w, waves([4, 4])]]),
    });
    const { model } = await convert(modelOf(graph), 'float16');
    expect(opsOf(model.graph)).toEqual(['Cast', 'MatMul', 'Cast', 'If']);
    const feeds = { x: waves([2, 4], 0.3), flag: tensorOf('bool', [], Float32Array.of(1)) };
    const [before, after] = [await numbers(graph, feeds), await numbers(model.graph, feeds)];
    expect(distance(before.y!, after.y!)).toBeLessThan(2e-3);
  });

  test('halves Constants in each of their forms, and what fills shapes', async () => {
    const [x, y, shape] = [typed('x', [3]), typed('y', [3]), typed('shape', [1], 'int64')];
    const [a, b, c, f, s, t, u] = ['a', 'b', 'c', 'f', 's', 't', 'u'].map((name) => typed(name, [null])) as Value[];
    const graph = graphOf({
      inputs: [x],
      outputs: [y],
      nodes: [
        node('Constant', [], [a!], { value: { kind: 'tensor', value: waves([3]) } }),
        node('Constant', [], [b!], { value_float: { kind: 'float', value: 0.5 } }),
        node('Constant', [], [c!], { value_floats: { kind: 'floats', value: [1, 2, 3] } }),
        node('ConstantOfShape', [shape], [f!], { value: { kind: 'tensor', value: float32([1], Float32Array.of(3)) } }),
        node('Mul', [x, a!], [s!]),
        node('Add', [s!, b!], [t!]),
        node('Sub', [t!, c!], [u!]),
        node('Mul', [u!, f!], [y]),
      ],
      initializers: new Map([[shape, int64([1], [3])]]),
    });
    const { model, tensors } = await convert(modelOf(graph), 'float16');
    expect(tensors.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(opsOf(model.graph).filter((op) => op === 'Cast')).toHaveLength(2);
    const feeds = { x: waves([3], 0.9) };
    expect(distance((await numbers(graph, feeds)).y!, (await numbers(model.graph, feeds)).y!)).toBeLessThan(2e-3);
  });
});

test('sparse weights stay, and are told of', async () => {
  const graph = network();
  const initializers = new Map(graph.initializers);
  const [w] = initializers.keys();
  initializers.set(w!, { ...initializers.get(w!)!, storage: { kind: 'sparse', indices: 'linear' } });
  const { model, tensors, notes } = await convert(modelOf({ ...graph, initializers }), 'float16');
  expect(tensors.map(({ name }) => name)).toEqual(['b', 'v']);
  expect(notes).toContain('sparse weights stay in float32 (1): make them dense first, --to dense');
  await close(model.graph, fed);
});

describe('weights alone', () => {
  test.each(['float16', 'bfloat16'] as const)('are cast where they are read and keep their names: %s', async (to) => {
    const given = { store: 'weights', least: 64 };
    const { model, tensors } = await convert(modelOf(network()), to, given);
    expect(opsOf(model.graph)).toEqual(['Cast', 'Cast', 'MatMul', 'Add', 'Relu', 'MatMul', 'Softmax', 'Pow']);
    expect(tensors.map(({ name }) => name)).toEqual(['w', 'v']);
    expect([...model.graph.initializers].map(([{ name }, t]) => `${name} ${t.dtype}`)).toEqual([
      `w ${to}`,
      'b float32',
      `v ${to}`,
      'two float32',
    ]);
    await close(model.graph, fed, to === 'float16' ? 2e-3 : 2e-2);
  });

  test('are those of bodies too', async () => {
    const [flag, y, w, out] = [typed('flag', [], 'bool'), typed('y', [64]), typed('w', [64]), typed('out', [64])];
    const body = graphOf({
      name: 'b',
      outputs: [out],
      nodes: [node('Neg', [w], [out])],
      initializers: new Map([[w, waves([64])]]),
    });
    const attrs = { then_branch: { kind: 'graph', value: body }, else_branch: { kind: 'graph', value: body } } as const;
    const graph = graphOf({ inputs: [flag], outputs: [y], nodes: [node('If', [flag], [y], attrs)] });
    const { model } = await convert(modelOf(graph), 'bfloat16', { least: 1 });
    const feeds = { flag: tensorOf('bool', [], Float32Array.of(1)) };
    expect(distance((await numbers(graph, feeds)).y!, (await numbers(model.graph, feeds)).y!)).toBeLessThan(1e-2);
  });
});

test.each([
  [
    'float16',
    {},
    21,
    'float16: expected weights of float32 that chosen nodes read in half precision, found none; see --include, or take --set store=weights',
  ],
  [
    'float16',
    { store: 'weights' },
    21,
    'float16: expected chosen weights of float32 with as many bytes as --set least says, found none; lower it, or see --include',
  ],
  ['bfloat16', {}, 12, 'bfloat16: expected opset 13 or later, got 12; export the model again'],
] as const)('%s with %j refuses what it cannot do', async (name, given, opset, message) => {
  const [x, y] = [typed('x', [2]), typed('y', [2])];
  const graph = graphOf({ inputs: [x], outputs: [y], nodes: [node('Relu', [x], [y])], opsets: new Map([['', opset]]) });
  await expect(convert(modelOf(graph), name, given)).rejects.toThrow(message);
});

async function close(graph: Graph, feeds: Readonly<Record<string, Tensor>>, most = 2e-3): Promise<void> {
  const [before, after] = [await numbers(network(), fed), await numbers(graph, feeds)];
  for (const name of ['y', 'q']) {
    const found = graph.outputs.find((output) => output.name === name)?.type?.dtype;
    const values = found === 'float16' ? floatsOf(tensorOf16(after[name]!)) : after[name]!;
    expect(distance(before[name]!, [...values])).toBeLessThan(most);
  }
}

/** What was read as plain numbers are the bits of float16. */
const tensorOf16 = (bits: readonly number[]): Tensor => ({
  dtype: 'float16',
  shape: [bits.length],
  payload: { byteLength: bits.length * 2, read: () => new Uint8Array(Uint16Array.from(bits).buffer) },
});

const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.sqrt(a.reduce((sum, x, i) => sum + (x - b[i]!) ** 2, 0) / a.reduce((sum, x) => sum + x * x, 0));
