/** sparse-initializer, dense and external: what they take, what they leave, and that nothing of the numbers changes. */
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Model, Value } from '../../src/ir/types.js';
import { load } from '../../src/onnx/load.js';
import { save } from '../../src/onnx/save.js';
import { openFile } from '../../src/runtime/open-file.js';
import { float32, type Tensor } from '../../src/tensor/tensor.js';
import { graphOf, node, numbers, typed, waves } from '../helpers/graphs.js';
import { temporaryFolder } from '../helpers/onnx-files.js';
import { convert, modelOf } from './tasks.js';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

/** x w v + b, where of `w` every `each`-th element is left. */
function network(each: number): Model {
  const [x, w, v, b] = [typed('x', ['n', 32]), typed('w', [32, 32]), typed('v', [32, 4]), typed('b', [4])];
  const [h, z, y] = [typed('h', ['n', 32]), typed('z', ['n', 4]), typed('y', ['n', 4])] as [Value, Value, Value];
  const full = new Float32Array(waves([32, 32]).payload.read().slice().buffer);
  return modelOf(
    graphOf({
      inputs: [x],
      outputs: [y],
      nodes: [node('MatMul', [x, w], [h]), node('MatMul', [h, v], [z]), node('Add', [z, b], [y])],
      initializers: new Map([
        [
          w,
          float32(
            [32, 32],
            full.map((value, i) => (i % each === 0 ? value : 0)),
          ),
        ],
        [v, waves([32, 4])],
        [b, float32([4], new Float32Array(4))],
      ]),
    }),
  );
}

const fed = { x: waves([3, 32], 0.4) };

async function written(model: Model, name: string): Promise<{ model: Model; bytes: number }> {
  const path = join(folder, name);
  await save(model, path, { force: true });
  expect(await openFile(path)).toBeGreaterThan(0);
  return { model: load(path), bytes: statSync(path).size };
}

describe('sparse-initializer', () => {
  test.each(['linear', 'coordinates'])('makes files smaller and changes no number: %s', async (indices) => {
    const dense = await written(network(10), 'dense.onnx');
    const { model, tensors } = await convert(dense.model, 'sparse-initializer', { indices });
    const width = indices === 'linear' ? 12 : 20;
    expect(tensors).toEqual([
      { name: 'w', from: 'float32', to: 'sparse float32', bytes: { before: 4096, after: 103 * width } },
    ]);
    const sparse = await written(model, 'sparse.onnx');
    expect(sparse.bytes).toBeLessThan(dense.bytes - 4096 + 103 * width + 64);
    expect(await numbers(sparse.model.graph, fed)).toEqual(await numbers(dense.model.graph, fed));
  });

  test.each([
    [2, {}, '0.50'],
    [3, { least: 0 }, '0.67'],
    [4, { least: 0.5, indices: 'coordinates' }, '0.75'],
  ])('never makes one larger: every element of %i left, %j', async (each, given, found) => {
    const model = network(each);
    const initializers = new Map([...model.graph.initializers].filter(([{ name }]) => name !== 'b'));
    const inputs = [...model.graph.inputs, [...model.graph.initializers.keys()].at(-1)!];
    const graph = { ...model.graph, initializers, inputs };
    await expect(convert({ ...model, graph }, 'sparse-initializer', given)).rejects.toThrow(
      `that sparse storage makes smaller, found ${found} at most`,
    );
  });

  test('brings old files to a version that has them, where inputs are no weights', async () => {
    const model = network(10);
    const listed = { ...model.graph, inputs: [...model.graph.inputs, ...model.graph.initializers.keys()] };
    const { model: made } = await convert({ ...model, graph: listed, irVersion: 3 }, 'sparse-initializer');
    expect(made.irVersion).toBe(6);
    expect(made.graph.inputs.map(({ name }) => name)).toEqual(['x']);
    await written(made, 'old.onnx');
  });

  test('takes what rows rounded down left a little short of the share', async () => {
    // 22 of 32, 0.6875, in each row
    const left = float32(
      [32, 32],
      Float32Array.from({ length: 1024 }, (_, i) => (i % 32 < 22 ? 0 : 1)),
    );
    const model = network(10);
    const [w] = model.graph.initializers.keys();
    const graph = { ...model.graph, initializers: new Map([...model.graph.initializers, [w!, left]]) };
    const { tensors } = await convert({ ...model, graph }, 'sparse-initializer', { least: 0.69 });
    expect(tensors.map(({ name }) => name)).toEqual(['w']);
  });

  test.each(['w', 'MatMul'])('leaves what is not chosen: %s', async (left) => {
    const isChosen = (...names: readonly string[]) => !names.includes(left);
    await expect(convert(network(10), 'sparse-initializer', {}, { isChosen })).rejects.toThrow('found 0.00 at most');
  });
});

describe('dense', () => {
  test('is the way back', async () => {
    const dense = await written(network(10), 'dense.onnx');
    const sparse = await written((await convert(dense.model, 'sparse-initializer')).model, 'sparse.onnx');
    const { model, tensors } = await convert(sparse.model, 'dense');
    expect(tensors.map(({ name, from, to }) => [name, from, to])).toEqual([['w', 'sparse float32', 'float32']]);
    const back = await written(model, 'back.onnx');
    expect(back.bytes).toBe(dense.bytes);
    expect(await numbers(back.model.graph, fed)).toEqual(await numbers(dense.model.graph, fed));
  });

  test('takes weights of a file, in the type that the model has', async () => {
    const weights = new Map<string, Tensor>([['b', float32([4], Float32Array.of(1, 2, 3, 4))]]);
    const model = network(10);
    const { model: made } = await convert(model, 'dense', {}, { weights });
    const [before, after] = [await numbers(model.graph, fed), await numbers(made.graph, fed)];
    expect(after.y!.map((value, i) => Math.round(value - before.y![i]!))).toEqual([1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4]);
  });

  test.each([
    ['c', [4], "--weights: expected names of weights such as 'w', 'v', 'b', got 'c'; the file is another model's"],
    ['b', [5], "--weights: 'b': expected shape [4], got [5]; the file is another model's"],
  ])('refuses weights of another model: %s of shape %j', async (name, shape, message) => {
    const weights = new Map([[name, waves(shape)]]);
    await expect(async () => convert(network(10), 'dense', {}, { weights })).rejects.toThrow(message);
  });

  test('has nothing to do in a dense model', async () => {
    await expect(async () => convert(network(10), 'dense')).rejects.toThrow(
      'dense: expected a sparse initializer, found none; name weights to put in with --weights',
    );
  });
});

describe('external', () => {
  test.each([
    [{}, ['w']],
    [{ threshold: 0 }, ['w', 'v', 'b']],
    [{ layout: 'split', threshold: 512 }, ['w', 'v']],
    [{ layout: 'inside' }, ['w', 'v', 'b']],
  ])('moves weights by their size: %j', async (given, names) => {
    const before = await written(network(1), 'before.onnx');
    const { model, tensors } = await convert(before.model, 'external', given);
    expect(tensors.map(({ name }) => name)).toEqual(names);
    const after = await written(model, 'after.onnx');
    expect(await numbers(after.model.graph, fed)).toEqual(await numbers(before.model.graph, fed));
  });

  test('says where nothing is large enough', async () => {
    await expect(async () => convert(network(1), 'external', { threshold: 1e6 })).rejects.toThrow(
      'external: expected a weight of 1000000 bytes or more, found none; lower --set threshold, or leave the model as it is',
    );
  });
});
