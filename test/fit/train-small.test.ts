/** The script that trains small networks: on the bundled table of irises, and on a plane. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { networks } from '../../scripts/train/index.mjs';
import { regressor } from '../../scripts/train/mlp.mjs';
import { savePictures } from '../../scripts/train/pictures.mjs';
import { saveSplit } from '../../scripts/train/split.mjs';
import { type Trained, trainAndSave } from '../../scripts/train/train.mjs';
import type { Value } from '../../src/ir/types.js';
import { load } from '../../src/onnx/load.js';
import { withProgram } from '../../src/runtime/program.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { loadNpz } from '../../src/tensor/npz.js';
import { random } from '../../src/tensor/random.js';
import { float32, type Tensor } from '../../src/tensor/tensor.js';
import { runScalpel } from '../cli/run-scalpel.js';

const folder = mkdtempSync(join(tmpdir(), 'scalpel-train-'));
const at = (name: string): string => join(folder, name);
const { iris, 'iris-ae': autoencoder, 'iris-vae': variational } = networks;
const bundled = fileURLToPath(new URL('../../models/iris/model.onnx', import.meta.url));

const bytesOf = (name: string): string => readFileSync(at(name)).toString('base64');
const shapesOf = (values: readonly Value[]) => values.map(({ name, type }) => [name, type?.shape]);

/** Outputs of a saved model by name. */
async function answers(name: string, input: Tensor): Promise<Map<string, Float32Array>> {
  const { graph } = load(at(name));
  return withProgram(graph, { threads: 1 }, async (program) => {
    const found = await program.run(new Map([[program.inputs[0]!, input]]));
    return new Map([...found].map(([value, t]) => [value.name, Float32Array.from(floatsOf(t))]));
  });
}

describe('a classifier', () => {
  test('beats chance after a few epochs, and a seed gives the same bytes again', async () => {
    const { accuracy, majority, held, trained } = await trainAndSave(iris!, at('first.onnx'), { epochs: 5 });
    expect([held, trained]).toEqual([30, 120]);
    expect(accuracy).toBeGreaterThan(majority! + 0.3);
    await trainAndSave(iris!, at('again.onnx'), { epochs: 5 });
    expect(bytesOf('again.onnx')).toBe(bytesOf('first.onnx'));
  });

  test('of irises is the bundled network', () => {
    const { graph } = load(bundled);
    expect(shapesOf(graph.inputs)).toEqual([['input', ['batch', 4]]]);
    expect([...graph.initializers.keys()].map(({ name }) => name)).toEqual([
      ...['net/mean', 'net/scale', 'net/fc1.weight', 'net/fc1.bias'],
      ...['net/fc2.weight', 'net/fc2.bias', 'net/head.weight', 'net/head.bias'],
    ]);
  });

  test('is judged on what the table of held-out rows says', async () => {
    const { accuracy, held, trained } = await trainAndSave(iris!, at('iris.onnx'), { epochs: 3, seed: 1 });
    saveSplit(iris!, at('iris'), { seed: 1 });
    const { exitCode, stdout } = await runScalpel([
      'eval',
      at('iris.onnx'),
      '--data',
      at('iris-test.csv'),
      '--label-column',
      'label',
      '--json',
      '--quiet',
    ]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ samples: held, top1: accuracy });
    const lines = readFileSync(at('iris-train.csv'), 'utf8').trimEnd().split('\n');
    expect(lines[0]).toBe('sepal_length,sepal_width,petal_length,petal_width,label');
    expect(lines).toHaveLength(1 + trained!);
    // as in the table that is trained on, in another order
    const source = readFileSync(new URL('../../calibration/iris.csv', import.meta.url), 'utf8')
      .trimEnd()
      .split('\n');
    const numbers = (line: string): string => String(line.split(',').map(Number));
    expect(lines.slice(1).map(numbers).sort()).toEqual(source.slice(1).map(numbers).sort());
  });
});

test('pictures are kept in order, up to so many of a class', () => {
  const x = Float32Array.from({ length: 20 }, (_, i) => i);
  savePictures(at('pictures.npz'), { x, y: [1, 0, 1, 1, 0], shape: [1, 2, 2] }, 2);
  const arrays = loadNpz(at('pictures.npz'));
  expect(arrays.get('input')!.shape).toEqual([4, 1, 2, 2]);
  expect([...floatsOf(arrays.get('labels')!)]).toEqual([1, 0, 1, 0]);
  expect([...floatsOf(arrays.get('input')!)].filter((_, i) => i % 4 === 0)).toEqual([0, 4, 8, 16]);
});

test('a regressor tells a plane in the unit of its targets', async () => {
  const draw = random(0, 'plane');
  const x = draw.normals(2 * 300);
  const y = Array.from({ length: 300 }, (_, i) => 500 + 20 * x[2 * i]! - 10 * x[2 * i + 1]!);
  const plane = regressor({
    ...{ output: 'height', files: [], features: 2, columns: () => ['a', 'b'], hidden: [16] },
    ...{ samples: () => ({ x, y }), epochs: 60 },
  });
  const { rmse, r2, held } = await trainAndSave(plane, at('plane.onnx'));
  expect(held).toBe(60);
  expect(r2).toBeGreaterThan(0.99);
  expect(rmse).toBeLessThan(2.5);
  const { graph } = load(at('plane.onnx'));
  expect(shapesOf(graph.outputs)).toEqual([['height', ['batch', 1]]]);
  const [height] = (await answers('plane.onnx', float32([1, 2], Float32Array.of(0.5, -0.5)))).get('height')!;
  expect(Math.abs(height! - 515)).toBeLessThan(3);
});

describe('an autoencoder', () => {
  test('leaves a small part of the variance, in and out in one shape', async () => {
    const { error, variance } = await trainAndSave(autoencoder!, at('ae.onnx'));
    expect(error).toBeLessThan(variance! / 5);
    const { graph } = load(at('ae.onnx'));
    expect(shapesOf(graph.inputs)).toEqual([['input', ['batch', 4]]]);
    expect(shapesOf(graph.outputs)).toEqual([['reconstruction', ['batch', 4]]]);
  });

  test('of one class sees that class alone, and knows it better than another', async () => {
    const parts: Trained[] = [];
    for (const only of [0, 1, 2]) parts.push(await trainAndSave(autoencoder!, at(`class${only}.onnx`), { only }));
    const count = (figure: string): number => parts.reduce((sum, part) => sum + part[figure]!, 0);
    expect([count('held'), count('trained')]).toEqual([30, 120]);
    const setosa = float32([1, 4], Float32Array.of(5, 3.4, 1.5, 0.2));
    const distance = async (name: string): Promise<number> => {
      const found = (await answers(name, setosa)).get('reconstruction')!;
      return Math.hypot(...floatsOf(setosa).map((value, i) => value - found[i]!));
    };
    expect(await distance('class0.onnx')).toBeLessThan((await distance('class2.onnx')) / 3);
  });
});

describe('a variational autoencoder', () => {
  let figures: Trained;

  beforeAll(async () => {
    figures = await trainAndSave(variational!, at('vae.onnx'));
  });

  test('is saved as two models, of a seed the same bytes again, of another others', async () => {
    const encoder = load(at('vae-encoder.onnx')).graph;
    const decoder = load(at('vae-decoder.onnx')).graph;
    const latent = ['batch', 2];
    expect(shapesOf(encoder.inputs)).toEqual([['input', ['batch', 4]]]);
    expect(shapesOf(encoder.outputs)).toEqual([...[['mean', latent]], ['log_variance', latent]]);
    expect(shapesOf(decoder.inputs)).toEqual([['latent', latent]]);
    expect(shapesOf(decoder.outputs)).toEqual([['reconstruction', ['batch', 4]]]);
    for (const [stem, seed] of [['a', 0] as const, ['b', 0] as const, ['c', 1] as const]) {
      await trainAndSave(variational!, at(`${stem}.onnx`), { epochs: 3, seed });
    }
    for (const part of ['encoder', 'decoder']) {
      expect(bytesOf(`b-${part}.onnx`)).toBe(bytesOf(`a-${part}.onnx`));
      expect(bytesOf(`c-${part}.onnx`)).not.toBe(bytesOf(`a-${part}.onnx`));
    }
  });

  test('reconstructs through its latents, which stay near the standard normal ones', async () => {
    expect(figures.error).toBeLessThan(figures.variance! / 5);
    expect(figures.kl).toBeGreaterThan(0.5);
    expect(figures.kl).toBeLessThan(8);
    const flower = Float32Array.of(5.9, 3, 4.2, 1.5);
    const latents = (await answers('vae-encoder.onnx', float32([1, 4], flower))).get('mean')!;
    const found = (await answers('vae-decoder.onnx', float32([1, 2], latents))).get('reconstruction')!;
    flower.forEach((value, i) => {
      expect(Math.abs(found[i]! - value)).toBeLessThan(0.6);
    });
  });

  test('draws flowers from normal latents', async () => {
    const latents = float32([200, 2], random(0, 'latents').normals(400));
    const drawn = (await answers('vae-decoder.onnx', latents)).get('reconstruction')!;
    expect(drawn).toHaveLength(800);
    // centimetres: no measure of an iris is below 0.1 or above 7.9
    expect(drawn.every((value) => value > -1 && value < 10)).toBe(true);
    const lengths = drawn.filter((_, i) => i % 4 === 2);
    expect(Math.max(...lengths) - Math.min(...lengths)).toBeGreaterThan(3);
  });

  test.each([
    ['encoder', 'mean'],
    ['encoder', 'log_variance'],
    ['decoder', 'reconstruction'],
  ])('has gradients: %s, %s', async (part, of) => {
    const words = ['--of', of, '--wrt', 'inputs', '--sum', '--json', '--quiet'];
    const { exitCode, stdout } = await runScalpel(['gradcheck', at(`vae-${part}.onnx`), ...words]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ passed: true, dtype: 'float64', unclear: 0 });
  });
});
