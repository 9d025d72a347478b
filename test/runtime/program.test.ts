import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, test } from 'vitest';
import type { UserError } from '../../src/errors.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { tap } from '../../src/rewrite/tap.js';
import { compile, type Program, withProgram } from '../../src/runtime/program.js';
import type { DataType } from '../../src/tensor/dtype.js';
import { dataOf, float32, int64, type Tensor, tensor } from '../../src/tensor/tensor.js';
import { graphOf, node, typed, waves } from '../helpers/graphs.js';
import { mlp } from '../rewrite/mlp.js';

const { graph, values } = mlp();
const fed = new Map([[values.x, waves([2, 3])]]);

const programs: Program[] = [];
const open = async (...args: Parameters<typeof compile>): Promise<Program> => {
  const program = await compile(...args);
  programs.push(program);
  return program;
};
afterEach(async () => {
  for (const program of programs.splice(0)) await program.release();
});

describe('compile and run', () => {
  test('keeps nothing of the runs before', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const program = await open(graph);
    const first = new WeakRef(await program.run(fed));
    await program.run(fed);
    // a reference that was just made is held until the task ends
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    expect(first.deref()).toBeUndefined();
  });

  test('computes what JavaScript does', async () => {
    const [p, q] = [typed('p', ['n', 2]), typed('q', [2, 'm'])];
    const y: Value = { name: 'y' };
    const program = await open(graphOf({ inputs: [p, q], outputs: [y], nodes: [node('MatMul', [p, q], [y])] }));
    expect(program).toMatchObject({ inputs: [p, q], outputs: [y], provider: 'cpu' });
    const results = await program.run(
      new Map([
        [p, float32([2, 2], Float32Array.of(1, 2, 3, 4))],
        [q, float32([2, 1], Float32Array.of(10, 100))],
      ]),
    );
    expect(results.get(y)).toMatchObject({ dtype: 'float32', shape: [2, 1] });
    expect([...dataOf(results.get(y)!)]).toEqual([210, 430]);
  });

  test('runs side by side, releases twice, and not after that', async () => {
    const program = await open(graph);
    const results = await Promise.all([program.run(fed), program.run(fed), program.run(fed)]);
    expect(new Set(results.map((result) => String(dataOf(result.get(values.y)!)))).size).toBe(1);
    const last = program.run(fed);
    await Promise.all([program.release(), program.release()]);
    await expect(last).resolves.toBeInstanceOf(Map);
    await expect(program.run(fed)).rejects.toThrow('run: the program was released; compile the graph again');
  });

  test('withProgram releases even when its user fails', async () => {
    let kept: Program | undefined;
    const failing = withProgram(graph, {}, async (program) => {
      kept = program;
      throw new Error('mine');
    });
    await expect(failing).rejects.toThrow('mine');
    await expect(kept!.run(fed)).rejects.toThrow('released');
  });

  test.each([
    ['nothing', new Map(), "run: expected the inputs 'x', got none"],
    ['a stranger', new Map([[values.h, waves([2, 4])]]), "run: expected the inputs 'x', got 'h'"],
    ['too much', new Map([...fed, [values.w1, waves([3, 4])]]), "run: expected the inputs 'x', got 'x', 'w1'"],
    ['another rank', new Map([[values.x, waves([3])]]), "input 'x': expected float32[batch, 3], got float32[3]"],
    ['another size', new Map([[values.x, waves([2, 4])]]), "input 'x': expected float32[batch, 3], got float32[2, 4]"],
    [
      'another type',
      new Map([[values.x, int64([1, 3], [1, 2, 3])]]),
      "input 'x': expected float32[batch, 3], got int64[1, 3]",
    ],
  ] as [string, ReadonlyMap<Value, Tensor>, string][])('refuses to be fed %s', async (_, wrong, message) => {
    const program = await open(graph);
    await expect(program.run(wrong)).rejects.toThrow(expect.objectContaining({ message: message }));
    await expect(program.run(fed)).resolves.toBeInstanceOf(Map);
  });

  test('the same initializer fed as an input of an old file is a constant', async () => {
    const program = await open({ ...graph, inputs: [values.x, values.w1, values.b1, values.w2] });
    expect(program.inputs).toEqual([values.x]);
    await program.run(fed);
  });

  const kinds: [DataType, Tensor][] = [
    ['float32', waves([3])],
    ['float64', tensor('float64', [3], Float64Array.of(1.5, -0, 1e300))],
    ['float16', tensor('float16', [3], Uint16Array.of(0x3c00, 0x8000, 0x7bff))],
    ['int8', tensor('int8', [3], Int8Array.of(-128, 0, 127))],
    ['uint8', tensor('uint8', [3], Uint8Array.of(0, 1, 255))],
    ['int16', tensor('int16', [3], Int16Array.of(-32768, 0, 32767))],
    ['uint16', tensor('uint16', [3], Uint16Array.of(0, 1, 65535))],
    ['int32', tensor('int32', [3], Int32Array.of(-(2 ** 31), 0, 2 ** 31 - 1))],
    ['uint32', tensor('uint32', [3], Uint32Array.of(0, 1, 2 ** 32 - 1))],
    ['int64', int64([3], [-(2n ** 63n), 0n, 2n ** 63n - 1n])],
    ['uint64', tensor('uint64', [3], BigUint64Array.of(0n, 1n, 2n ** 64n - 1n))],
    ['bool', tensor('bool', [3], Uint8Array.of(1, 0, 1))],
    ['float32', float32([0, 2], new Float32Array())],
    ['float32', float32([], Float32Array.of(7))],
  ];
  test.each(kinds)('%s crosses in and out to the bit', async (dtype, t) => {
    const [x, y] = [typed('x', t.shape, dtype), { name: 'y' }];
    const program = await open(graphOf({ inputs: [x], outputs: [y], nodes: [node('Identity', [x], [y])] }));
    const back = (await program.run(new Map([[x, t]]))).get(y)!;
    expect({ dtype: back.dtype, shape: back.shape }).toEqual({ dtype, shape: t.shape });
    expect(back.payload.read()).toEqual(t.payload.read());
  });

  test('unaligned views and strings cross too', async () => {
    const bytes = new Uint8Array(13);
    const shifted: Tensor = {
      dtype: 'float32',
      shape: [3],
      payload: { byteLength: 12, read: () => bytes.subarray(1) },
    };
    const texts = ['', 'é', 'ab'].map((text) => new TextEncoder().encode(text));
    const words: Tensor = {
      dtype: 'string',
      shape: [3],
      payload: { byteLength: 0, read: () => new Uint8Array() },
      strings: texts,
    };
    const [p, q] = [typed('p', [3]), typed('q', [3], 'string')];
    const [y, z]: Value[] = [{ name: 'y' }, { name: 'z' }];
    const nodes = [node('Exp', [p], [y!]), node('Identity', [q], [z!])];
    const program = await open(graphOf({ inputs: [p, q], outputs: [y!, z!], nodes }));
    const results = await program.run(
      new Map([
        [p, shifted],
        [q, words],
      ]),
    );
    expect([...dataOf(results.get(y!)!)]).toEqual([1, 1, 1]);
    expect(results.get(z!)?.strings).toEqual(texts);
  });
});

describe('what the runtime refuses', () => {
  const x = typed('x', [2]);
  const y: Value = { name: 'y' };
  const one = (op: string, attributes = {}, domain = ''): Graph =>
    graphOf({ inputs: [x], outputs: [y], nodes: [{ ...node(op, [x], [y], attributes), name: 'n', domain }] });

  test.each<[string, Graph, string, number]>([
    [
      'int4 output',
      one('Cast', { to: 22 }),
      "output 'y': int4 cannot cross the border to the runtime; cast it inside the graph",
      3,
    ],
    [
      'bfloat16 output',
      one('Cast', { to: 16 }),
      'onnxruntime: an input or output is bfloat16, which cannot cross the border of a graph; cast it inside',
      3,
    ],
    ['sequence output', one('SplitToSequence'), "output 'y': expected a tensor, got a sequence, map or optional", 3],
    ['unknown op', one('Nope'), "Nope 'n': the runtime has no such op in opset 21; ", 3],
    ['bad attribute', one('Softmax', { axis: 5 }), "Softmax 'n': ", 2],
    [
      'bfloat16 input',
      { ...one('Neg'), inputs: [typed('x', [2], 'bfloat16')] },
      "input 'x': bfloat16 cannot cross the border to the runtime; cast it inside the graph",
      3,
    ],
  ])('%s', async (_, wrong, message, exitCode) => {
    const error = (await compile(wrong).catch((thrown) => thrown)) as UserError;
    expect(error).toMatchObject({ name: 'UserError', exitCode });
    expect(error.message.slice(0, message.length)).toBe(message);
  });

  test('an error of a run names the node', async () => {
    const [p, q] = [typed('p', ['a', 'b']), typed('q', ['c', 'd'])];
    const program = await open(
      graphOf({ inputs: [p, q], outputs: [y], nodes: [{ ...node('MatMul', [p, q], [y]), name: 'n' }] }),
    );
    const run = program.run(
      new Map([
        [p, waves([2, 3])],
        [q, waves([2, 3])],
      ]),
    );
    await expect(run).rejects.toThrow(
      expect.objectContaining({ message: "MatMul 'n': the run failed: MatMul dimension mismatch" }),
    );
  });

  test('a Range that is an output and feeds a Gather does not crash the runtime', async () => {
    const [ids, count] = [typed('ids', ['n'], 'int64'), typed('count', [], 'int64')];
    const [range, rows, sum, table, start, step]: Value[] = ['range', 'rows', 'sum', 'table', 'start', 'step'].map(
      (name) => ({ name }),
    );
    const gpt = graphOf({
      inputs: [ids, count],
      outputs: [sum!],
      nodes: [
        node('Range', [start!, count, step!], [range!]),
        node('Gather', [table!, range!], [rows!]),
        node('Relu', [rows!], [sum!]),
      ],
      initializers: new Map([
        [table!, waves([8, 4])],
        [start!, int64([], [0])],
        [step!, int64([], [1])],
      ]),
    });
    const program = await open({ ...tap(gpt, [range!]), inputs: [count] });
    const results = await program.run(new Map([[count, int64([], [3])]]));
    expect([...dataOf(results.get(range!)!)]).toEqual([0n, 1n, 2n]);
  });
});

test('SCALPEL_DEBUG keeps each compiled graph', async () => {
  const folder = join(tmpdir(), `scalpel-debug-${process.pid}`);
  rmSync(folder, { recursive: true, force: true });
  process.env.SCALPEL_DEBUG = '1';
  try {
    await open(graph);
    expect(readdirSync(folder).map((name) => name.replace(/^\d+/, ''))).toEqual(['.onnx', '.txt']);
  } finally {
    delete process.env.SCALPEL_DEBUG;
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a profile is written where asked', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'scalpel-test-'));
  const program = await compile(graph, { profile: join(folder, 'p') });
  await program.run(fed);
  await program.release();
  expect(readdirSync(folder)).toHaveLength(1);
  rmSync(folder, { recursive: true });
});
