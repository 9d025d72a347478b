/** Models that are trained further: what stays of them, and that evaluation agrees with the report. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encode } from '../../../src/onnx/encode.js';
import { load } from '../../../src/onnx/load.js';
import { save } from '../../../src/onnx/save.js';
import { builderFor } from '../../../src/ops/builder.js';
import { bake } from '../../../src/rewrite/bake.js';
import { substitute } from '../../../src/rewrite/substitute.js';
import { floatsOf } from '../../../src/tensor/convert.js';
import { float32 } from '../../../src/tensor/tensor.js';
import { backbones } from '../../../src/train/backbones/index.js';
import { typed } from '../../helpers/graphs.js';
import { shared } from '../../helpers/shared.js';
import {
  cbf,
  cbfRequest,
  evaluated,
  expectSameFigures,
  furtherRequest,
  home,
  inOutput,
  newFolder,
  short,
  train,
} from './train-requests.js';

describe('a model that is trained further', () => {
  test('a served one keeps its standardisation, names and names of weights', async () => {
    const first = cbfRequest(newFolder(), { data: { ...cbf, standardise: { kind: 'z', over: 'training' } } });
    await train(first);
    const model = inOutput(first, 'model.onnx');
    const further = furtherRequest(newFolder(), model);
    const report = await train(further);
    await expectSameFigures(further, report, cbf.test[0]);
    const [before, after] = [load(model), load(inOutput(further, 'model.onnx'))];
    for (const key of ['classes', 'standardise']) expect(after.metadata.get(key)).toBe(before.metadata.get(key));
    const namesIn = ({ graph }: typeof before) => [...graph.initializers.keys()].map(({ name }) => name);
    expect(namesIn(after)).toEqual(namesIn(before));
    expect(after.graph.nodes.map(({ op }) => op)).toEqual(before.graph.nodes.map(({ op }) => op));
  });

  test('zeros of a pruned one stay zero to the bit, unless they are freed', async () => {
    const first = cbfRequest(newFolder());
    await train(first);
    const model = load(inOutput(first, 'model.onnx'));
    const holed = new Map(
      [...model.graph.initializers]
        .filter(([, t]) => t.dtype === 'float32' && t.shape.length === 3)
        .map(
          ([value, t]) =>
            [
              value,
              float32(
                t.shape,
                floatsOf(t).map((each, i) => (i % 3 === 0 ? 0 : each)),
              ),
            ] as const,
        ),
    );
    const pruned = join(newFolder(), 'pruned.onnx');
    await save({ ...model, graph: bake(model.graph, holed) }, pruned);
    const zerosAfter = async (holdsZeros: boolean): Promise<number> => {
      const request = furtherRequest(newFolder(), pruned, { holdsZeros });
      const report = await train(request);
      expect(report.model.masks !== undefined).toBe(holdsZeros);
      const { graph } = load(inOutput(request, 'model.onnx'));
      const weights = [...graph.initializers].filter(([{ name }]) =>
        [...holed.keys()].some((each) => each.name === name),
      );
      return weights.reduce((sum, [, t]) => sum + floatsOf(t).filter((each) => Object.is(each, 0)).length, 0);
    };
    const removed = [...holed.values()].reduce((sum, t) => sum + Math.ceil(floatsOf(t).length / 3), 0);
    expect(await zerosAfter(true)).toBe(removed);
    expect(await zerosAfter(false)).toBeLessThan(removed / 2);
  });

  test('with a new last layer it learns other classes', async () => {
    const first = cbfRequest(newFolder());
    await train(first);
    const folder = newFolder();
    const data = join(folder, 'two.tsv');
    const lines = readFileSync(cbf.training[0], 'utf8').trim().split('\n');
    writeFileSync(
      data,
      `${lines
        .filter((line) => !line.startsWith('1'))
        .slice(0, 100)
        .join('\n')}\n`,
    );
    const request = furtherRequest(folder, inOutput(first, 'model.onnx'), {
      newHead: true,
      data: { training: [data] },
    });
    const report = await train(request);
    expect(report.data.classes.map(({ name }) => name)).toEqual(['2', '3']);
    expect(load(inOutput(request, 'model.onnx')).metadata.get('classes')).toBe('["2","3"]');
  });

  const fcn = shared('models/fcn-ucr/CBF_fcn.onnx');
  test.skipIf(!fcn)('an export of another program: scaled as it was trained, and all else of it stays', async () => {
    const request = furtherRequest(newFolder(), fcn!, {
      data: { ...cbf, standardise: { kind: 'min-max', over: { numbers: [-2.316862106323242, 3.244565010070801] } } },
      draws: { budgets: [30], seeds: [0], validation: 30, test: 90 },
      training: { ...short, steps: 4, every: 2, rate: 1e-4 },
    });
    const report = await train(request);
    const [before, after] = [load(fcn!), load(inOutput(request, 'model.onnx'))];
    expect(after.graph.outputs.map(({ name }) => name)).toEqual(['logits', 'probabilities']);
    expect([after.irVersion, after.producer]).toEqual([before.irVersion, before.producer]);
    expect(report.model.parameters).toBe(264_579);
    const rest = ['--samples', '90', '--metric', 'top1'];
    expect((await evaluated(request, cbf.test[0], rest)).samples).toBe(90);
  });
});

test('the model of irises is trained further on its table', async () => {
  const request = furtherRequest(newFolder(), home('models/iris/model.onnx'), {
    data: {
      ...{ training: [home('calibration/iris.csv')], test: [home('calibration/iris-heldout.csv')], label: 'species' },
      classes: ['0', '1', '2'],
    },
    draws: { budgets: [30], seeds: [0] },
    training: { ...short, augment: 'none', rate: 1e-4 },
  });
  const report = await train(request);
  expect(report.cells[0]!.test!.accuracy).toBeGreaterThan(0.9);
  await expectSameFigures(request, report, home('calibration/iris-heldout.csv'), ['--label-column', 'species']);
});

test('a model that takes steps first, with an output of its own', async () => {
  const folder = newFolder();
  const graph = backbones.fcn.build({ channels: 1, length: 128, classes: 3, width: 4 }, 0);
  const [input, logits] = [graph.inputs[0]!, graph.outputs[0]!];
  const [turned, mine] = [typed('steps', ['batch', 128, 1]), { ...logits, name: 'mine' }];
  const g = builderFor(graph, 'turn');
  const own = g.transpose(turned, [0, 2, 1]);
  const moved = substitute({ ...graph, inputs: [] }, (value) =>
    value === input ? own : value === logits ? mine : value,
  );
  const model = join(folder, 'steps.onnx');
  writeFileSync(model, encode({ ...moved, inputs: [turned], nodes: [...g.nodes, ...moved.nodes] }));
  const request = furtherRequest(folder, model, { data: { ...cbf, standardise: { kind: 'z', over: 'training' } } });
  const report = await train(request);
  const after = load(inOutput(request, 'model.onnx')).graph;
  expect(after.inputs[0]!.type!.shape).toEqual(['batch', 128, 1]);
  expect(after.outputs.map(({ name }) => name)).toEqual(['mine', 'logits', 'probabilities']);
  await expectSameFigures(request, report, cbf.test[0]);
});
