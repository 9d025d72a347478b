/** Models laid out anew: where weights go, that they stay the same, and that the runtime takes the files. */
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { Graph, Model, Value, WeightLayout } from '../../src/ir/types.js';
import { load } from '../../src/onnx/load.js';
import { save } from '../../src/onnx/save.js';
import { openFile } from '../../src/runtime/open-file.js';
import { dataOf, type Tensor, tensor } from '../../src/tensor/tensor.js';
import { graphOf, node, typed, waves } from '../helpers/graphs.js';
import { temporaryFolder } from '../helpers/onnx-files.js';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const inside: WeightLayout = { threshold: Number.POSITIVE_INFINITY, align: 1, most: Number.POSITIVE_INFINITY };
const merged: WeightLayout = { threshold: 1, align: 4096, most: Number.POSITIVE_INFINITY };
const split: WeightLayout = { threshold: 1, align: 1, most: 0 };

/** Names that file systems would take for something else, or for each other. */
const names = ['../../escape', '/absolute', 'a/b', 'a_b', 'A_B', '..', 'c:\\d', 'nul\u0000l', '', 'x'.repeat(300)];

const modelOf = (weights: ReadonlyMap<string, Tensor>): Model => {
  const x = typed('in', ['n', 4]);
  const values = [...weights].map(([name, t]) => [typed(name, t.shape), t] as const);
  const nodes = values.map(([value], i) => node('Add', [x, value], [{ name: `out ${i}` }]));
  const outputs = nodes.map(({ outputs: [out] }) => ({
    ...out!,
    type: { dtype: 'float32' as const, shape: ['n', 4] },
  }));
  const graph: Graph = graphOf({
    inputs: [x],
    outputs,
    nodes: nodes.map((each, i) => ({ ...each, outputs: [outputs[i] as Value] })),
    initializers: new Map(values),
  });
  return { graph, irVersion: 10, producer: 'test', metadata: new Map() };
};

const named = (model: Model): Record<string, number[]> =>
  Object.fromEntries([...model.graph.initializers].map(([{ name }, t]) => [name, Array.from(dataOf(t), Number)]));

const fresh = (): string => {
  const path = join(folder, String(readdirSync(folder).length));
  mkdirSync(path);
  return path;
};

describe('a model laid out anew', () => {
  const plan = fc.record({
    threshold: fc.constantFrom(0, 1, 16, 64, 1e9),
    align: fc.constantFrom(1, 8, 4096),
    most: fc.constantFrom(0, 100, 1e6, Number.POSITIVE_INFINITY),
  });
  const weights = fc.uniqueArray(fc.tuple(fc.constantFrom(...names), fc.integer({ min: 1, max: 40 })), {
    minLength: 1,
    selector: ([name]) => name,
  });

  test('holds the same values, begins where it should, and comes back inside', async () => {
    await fc.assert(
      fc.asyncProperty(plan, weights, async (layout, sizes) => {
        const at = fresh();
        const path = join(at, 'm.onnx');
        const model = modelOf(new Map(sizes.map(([name, rows]) => [name, waves([rows, 4])])));
        await save(model, path);
        const loaded = load(path);
        const out = join(at, 'out.onnx');
        await save({ ...loaded, layout }, out);
        const again = load(out);
        expect(named(again)).toEqual(named(loaded));
        for (const { payload } of again.graph.initializers.values()) {
          const isOutside = payload.file !== undefined && payload.file.path !== out;
          expect(isOutside).toBe(payload.byteLength >= Math.max(1, layout.threshold));
          if (isOutside) expect(payload.file!.offset % layout.align).toBe(0);
        }
        for (const name of readdirSync(at)) expect(name).toMatch(/^(m|out)\.onnx(\.[\w-]+)*$/);
        await save({ ...again, layout: inside }, join(at, 'back.onnx'));
        expect(named(load(join(at, 'back.onnx')))).toEqual(named(loaded));
        expect(statSync(join(at, 'back.onnx')).size).toBe(statSync(path).size);
        rmSync(at, { recursive: true });
        mkdirSync(at);
      }),
      { numRuns: 40 },
    );
  });

  test('splits by bytes: a file takes no more than it may, unless one weight alone is larger', async () => {
    const at = fresh();
    const weights = new Map([10, 10, 30, 10].map((rows, i) => [`w${i}`, waves([rows, 4])]));
    await save({ ...modelOf(weights), layout: { threshold: 1, align: 1, most: 330 } }, join(at, 'm.onnx'));
    const sizes = readdirSync(at)
      .filter((name) => name.endsWith('.data'))
      .map((name) => statSync(join(at, name)).size);
    expect(sizes).toEqual([320, 480, 160]);
  });

  test('stores once what two weights share', async () => {
    const at = fresh();
    const shared = waves([64, 4]);
    await save(
      {
        ...modelOf(
          new Map([
            ['a', shared],
            ['b', shared],
          ]),
        ),
        layout: merged,
      },
      join(at, 'm.onnx'),
    );
    expect(statSync(join(at, 'm.onnx.data')).size).toBe(1024);
    await save({ ...load(join(at, 'm.onnx')), layout: merged }, join(at, 'n.onnx'));
    expect(statSync(join(at, 'n.onnx.data')).size).toBe(1024);
  });

  test.each([
    ['merged', merged],
    ['split', split],
    ['in two', { threshold: 64, align: 65536, most: 80_000 }],
  ])('is opened by the runtime: %s', async (_, layout) => {
    const at = fresh();
    const model = modelOf(
      new Map([
        ['a', waves([2, 4])],
        ['b/c', waves([64, 4])],
        ['d', waves([1, 4])],
      ]),
    );
    await save({ ...model, layout }, join(at, 'm.onnx'));
    expect(await openFile(join(at, 'm.onnx'))).toBeGreaterThan(0);
  });

  test('moves the weights of branches too, and leaves Constants inside', async () => {
    const at = fresh();
    const [flag, y] = [typed('flag', [], 'bool'), typed('y', [64, 4])];
    const branch = (name: string): Graph => {
      const [w, k, out] = [typed(`${name} w`, [64, 4]), typed(`${name} k`, [64, 4]), typed(`${name} y`, [64, 4])];
      const constant = node('Constant', [], [k], { value: { kind: 'tensor', value: waves([64, 4]) } });
      const sum = node('Add', [w, k], [out]);
      return graphOf({ name, outputs: [out], nodes: [constant, sum], initializers: new Map([[w, waves([64, 4], 2)]]) });
    };
    const attrs = {
      then_branch: { kind: 'graph', value: branch('then') },
      else_branch: { kind: 'graph', value: branch('else') },
    } as const;
    const graph = graphOf({ inputs: [flag], outputs: [y], nodes: [node('If', [flag], [y], attrs)] });
    await save({ graph, irVersion: 10, producer: '', metadata: new Map() }, join(at, 'm.onnx'));
    await save({ ...load(join(at, 'm.onnx')), layout: split }, join(at, 'o.onnx'));
    expect(readdirSync(at).filter((name) => name.endsWith('.data'))).toHaveLength(2);
    expect(await openFile(join(at, 'o.onnx'))).toBeGreaterThan(0);
  });
});

describe('sparse initializers', () => {
  const cells = fc.array(fc.constantFrom(0, -0, 0, 0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, -2), {
    minLength: 24,
    maxLength: 24,
  });

  test('hold every bit, -0 and NaN too, and come back as they were', async () => {
    await fc.assert(
      fc.asyncProperty(cells, fc.constantFrom('linear', 'coordinates'), async (values, indices) => {
        const at = fresh();
        const weight = tensor('float32', [6, 4], Float32Array.from(values));
        await save(modelOf(new Map([['w', weight]])), join(at, 'd.onnx'));
        const dense = load(join(at, 'd.onnx'));
        await save(stored(dense, { kind: 'sparse', indices }), join(at, 's.onnx'));
        const sparse = load(join(at, 's.onnx'));
        expect([...sparse.graph.initializers.values()][0]!.storage).toEqual({ kind: 'sparse', indices });
        expect(bits(sparse)).toEqual(bits(dense));
        await save(stored(sparse, { kind: 'dense' }), join(at, 'b.onnx'));
        expect(bits(load(join(at, 'b.onnx')))).toEqual(bits(dense));
        expect(statSync(join(at, 'b.onnx')).size).toBe(statSync(join(at, 'd.onnx')).size);
        rmSync(at, { recursive: true });
        mkdirSync(at);
      }),
      { numRuns: 30 },
    );
  });

  test('are written where the model was never loaded', async () => {
    const at = fresh();
    const weight: Tensor = {
      ...tensor('float32', [2, 4], Float32Array.of(0, 0, 3, 0, 0, 0, 0, 0)),
      storage: { kind: 'sparse', indices: 'linear' },
    };
    await save(modelOf(new Map([['w', weight]])), join(at, 'm.onnx'));
    const [found] = [...load(join(at, 'm.onnx')).graph.initializers.values()];
    expect(found!.storage).toEqual({ kind: 'sparse', indices: 'linear' });
    expect(Array.from(dataOf(found!), Number)).toEqual([0, 0, 3, 0, 0, 0, 0, 0]);
  });

  test('stay inside of a model that is laid out anew', async () => {
    const at = fresh();
    const weights = new Map([
      ['s', waves([64, 4])],
      ['d', waves([64, 4])],
    ]);
    await save(modelOf(weights), join(at, 'm.onnx'));
    const model = load(join(at, 'm.onnx'));
    const [first] = model.graph.initializers.keys();
    const initializers = new Map(model.graph.initializers);
    initializers.set(first!, { ...initializers.get(first!)!, storage: { kind: 'sparse', indices: 'linear' } });
    const path = join(at, 'o.onnx');
    await save({ ...model, graph: { ...model.graph, initializers }, layout: merged }, path);
    expect(statSync(join(at, 'o.onnx.data')).size).toBe(1024);
    expect(named(load(path))).toEqual(named(model));
    expect(basename(path)).toBe('o.onnx');
    expect(await openFile(path)).toBeGreaterThan(0);
  });
});

const stored = (model: Model, storage: NonNullable<Tensor['storage']>): Model => ({
  ...model,
  graph: {
    ...model.graph,
    initializers: new Map([...model.graph.initializers].map(([v, t]) => [v, { ...t, storage }])),
  },
});

const bits = (model: Model): string[] =>
  [...model.graph.initializers.values()].map(({ payload }) => Buffer.from(payload.read()).toString('hex'));
