/** Units that zeros made useless: found where something reads them with zeros, and where zeros make them. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { workingCopy } from '../../src/autodiff/prepare.js';
import { shrink } from '../../src/convert/shrink.js';
import { apart } from '../../src/groups/apart.js';
import { flowsOf } from '../../src/groups/flows.js';
import type { Model, Value } from '../../src/ir/types.js';
import type { Linalg } from '../../src/linalg/index.js';
import { load } from '../../src/onnx/load.js';
import { bake } from '../../src/rewrite/bake.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { float32, type Tensor } from '../../src/tensor/tensor.js';
import { fed } from '../groups/fed.js';

const bundled = (name: string): Model =>
  load(fileURLToPath(new URL(`../../models/${name}/model.onnx`, import.meta.url)));

const convert = (model: Model, multiple = 8) =>
  shrink.convert(
    {
      model,
      copy: () => workingCopy(model.graph),
      isChosen: () => true,
      linalg: {} as Linalg,
      threads: 1,
      signal: new AbortController().signal,
      log: () => {},
    },
    { multiple },
  );

/** The model with the elements of some weights set to zero where `isZero` says so, by coordinates. */
function zeroed(model: Model, isZero: (name: string, at: readonly number[]) => boolean): Model {
  const changed = [...model.graph.initializers].flatMap(([value, t]): [Value, Tensor][] => {
    if (t.dtype !== 'float32') return [];
    const values = floatsOf(t).map((weight, i) => {
      let rest = i;
      const at = t.shape.toReversed().map((size) => {
        const coordinate = rest % size;
        rest = Math.floor(rest / size);
        return coordinate;
      });
      return isZero(value.name, at.toReversed()) ? 0 : weight;
    });
    return [[value, float32(t.shape, Float32Array.from(values))]];
  });
  return { ...model, graph: bake(model.graph, new Map(changed)) };
}

const fcn = bundled('cbf-fcn');
const convolutions = fcn.graph.nodes.filter(({ op }) => op === 'Conv').map(({ inputs }) => inputs[1]!.name);
const norms = fcn.graph.nodes
  .filter(({ op }) => op === 'BatchNormalization')
  .map(({ inputs }) => inputs.map((x) => x!.name));

test.each([
  [
    'the convolution that reads them',
    (name: string, [, input]: readonly number[]) => name === convolutions[1] && input! < 20,
    48,
  ],
  [
    'scale and shift of their norm',
    (name: string, [unit]: readonly number[]) => norms[0]!.slice(1, 3).includes(name) && unit! < 20,
    48,
  ],
  [
    'so many that a multiple is left',
    (name: string, [, input]: readonly number[]) => name === convolutions[1] && input! < 40,
    24,
  ],
])('channels go that are zero in %s', async (_, isZero, left) => {
  const model = zeroed(fcn, isZero);
  const { made, tensors, notes } = await convert(model);
  if (made.kind !== 'model') throw new Error('a model was expected');
  const first = [...made.model.graph.initializers].find(([{ name }]) => name === convolutions[0])![1];
  expect(first.shape[0]).toBe(left);
  expect(tensors.map(({ name }) => name)).toContain(convolutions[1]);
  expect(notes).toEqual([`64 channels of '${convolutions[0]}' became ${left}`]);
  const flows = await flowsOf(workingCopy(model.graph));
  expect(await apart(workingCopy(made.model.graph), flows.graph, fed(flows), { threads: 1 })).toBeLessThan(1e-5);
});

test('a convolution of zeros goes only where nothing is added behind it', async () => {
  // its norm shifts what is zero, so that the channel still says something
  const model = zeroed(fcn, (name, [unit]) => name === convolutions[0] && unit! < 20);
  await expect(convert(model)).rejects.toMatchObject({ exitCode: 3 });
});

test('a model without such zeros is refused', async () => {
  await expect(convert(bundled('mnist-cnn'))).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringMatching(/scalpel shrink/),
  });
});
