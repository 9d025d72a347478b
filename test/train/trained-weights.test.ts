import { describe, expect, test } from 'vitest';
import type { Value } from '../../src/ir/types.js';
import { load } from '../../src/onnx/load.js';
import { float32 } from '../../src/tensor/tensor.js';
import { type BackboneName, backbones } from '../../src/train/backbones/index.js';
import { exportedWeights } from '../../src/train/start/exported-weights.js';
import { trainableOf } from '../../src/train/start/trainable.js';
import { trainingForm } from '../../src/train/step/training-form.js';
import { graphOf, node, typed } from '../helpers/graphs.js';
import { shared } from '../helpers/shared.js';

const names = (values: Iterable<Value>): string[] => [...values].map(({ name }) => name).sort();

describe('trainableOf', () => {
  test.each(Object.keys(backbones) as BackboneName[])('are all that is drawn or learned: %s', (name) => {
    const model = backbones[name].build(
      { channels: 2, length: 16, classes: 3, width: 8, masked: true, dropout: 0.1 },
      0,
    );
    const own = names(model.initializers.keys()).filter((each) => !/^net\/|running_(mean|var)$/.test(each));
    expect(own.length).toBeGreaterThan(5);
    expect(names(trainingForm(model, trainableOf).weights)).toEqual(own);
  });
});

/** A series, standardised by constants, through a convolution with a bias and its BatchNormalization, one more shift, and a linear layer. */
function standardising() {
  const [input, logits] = [typed('input', ['batch', 1, 8]), typed('logits', ['batch', 2])];
  const [mean, deviation] = [typed('mean', [1, 1, 8]), typed('deviation', [1, 1, 8])];
  const [kernel, bias, later] = [typed('kernel', [3, 1, 8]), typed('bias', [3]), typed('later', [3, 1])];
  const norm = ['scale', 'shift', 'average', 'variance'].map((name) => typed(name, [3]));
  const [head, headBias] = [typed('head', [2, 3]), typed('head bias', [2])];
  const inner = (name: string): Value => ({ name });
  const [centred, scaled, wide] = [inner('centred'), inner('scaled'), inner('wide')];
  const [normal, shifted, flat] = [inner('normal'), inner('shifted'), inner('flat')];
  const own = [mean, deviation, kernel, bias, ...norm, later, head, headBias];
  return graphOf({
    inputs: [input],
    outputs: [logits],
    nodes: [
      node('Sub', [input, mean], [centred]),
      node('Div', [centred, deviation], [scaled]),
      node('Conv', [scaled, kernel, bias], [wide]),
      node('BatchNormalization', [wide, ...norm], [normal]),
      node('Add', [normal, later], [shifted]),
      node('Flatten', [shifted], [flat]),
      node('Gemm', [flat, head, headBias], [logits], { transB: 1 }),
    ],
    initializers: new Map(own.map((value) => [value, ones(value)])),
  });
}

const ones = ({ type }: Value) => {
  const shape = type!.shape as number[];
  return float32(shape, new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1));
};

describe('exportedWeights', () => {
  test('are weights, scales and shifts; what standardises and what a BatchNormalization takes off again rest', () => {
    const { weights } = trainingForm(standardising(), exportedWeights);
    expect(names(weights)).toEqual(['head', 'head bias', 'kernel', 'later', 'scale', 'shift']);
  });

  test('of a network from PyTorch are all but its statistics and the biases of its convolutions', () => {
    const path = shared('models/fcn-ucr/CBF_fcn.onnx');
    if (!path) return;
    const { weights } = trainingForm(load(path).graph, exportedWeights);
    const blocks = [1, 2, 3].flatMap((i) => [`batch_norm${i}.bias`, `batch_norm${i}.weight`, `conv${i}.weight`]);
    expect(names(weights)).toEqual([...blocks, 'fc.bias', 'fc.weight'].sort());
  });
});
