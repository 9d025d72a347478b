/** Interpretability scores, worked out by hand. */
import { expect, test } from 'vitest';
import { interpretabilitiesOf, saliencyOf, scoresOf } from '../../../src/attack/metrics/interpretability.js';
import type { Finding } from '../../../src/attack/run.js';
import { boundsOf } from '../../../src/oracle/bounds.js';
import { spaceOf } from '../../../src/oracle/space.js';
import { float32 } from '../../../src/tensor/tensor.js';
import { graphOf, node, typed } from '../../helpers/graphs.js';
import { openExamples } from './networks.js';

// gradients of the scores of the two labels: each row of the weights
const lost = [-1, 2, -3, 4, 1];
const gained = [2, 1, 1, -1, 0];
// gained * |lost| = [2, 2, 3, -4, 0]; with a 0 in front and sorted: -4, 0, 2, 2, 3
const difference = [3, 0, 4, 12, 0];

test('IS_P is the share of the change where saliency is above its P-th percentile', () => {
  const space = spaceOf([5]);
  const bounds = boundsOf([[0, 1]], space, 'test');
  const saliency = saliencyOf(Float32Array.from(gained), Float32Array.from(lost), bounds);
  expect([...saliency]).toEqual([2, 2, 3, -4, 0]);
  const scores = scoresOf(saliency, Float32Array.from(difference));
  // percentiles 50, 60, 70, 80, 90 of five values: 2, 2, 2, 2.2, 2.6; only the third element is above each
  expect(Object.values(scores)).toEqual([4 / 13, 4 / 13, 4 / 13, 4 / 13, 4 / 13]);
  // strict: [2, 0, 3, 0, 0]; of 0, 2, 3 the percentiles are 2, 2.2, 2.4, 2.6, 2.8
  const strict = saliencyOf(Float32Array.from(gained), Float32Array.from(lost), bounds, true);
  expect([...strict]).toEqual([2, 0, 3, 0, 0]);
});

test('elements count on the scale of their bounds', () => {
  const bounds = boundsOf(
    [
      [0, 1],
      [0, 10],
    ],
    spaceOf([2]),
    'test',
  );
  expect([...saliencyOf(Float32Array.of(1, 1), Float32Array.of(-1, -1), bounds)]).toEqual([1, 100]);
});

test('gradients are those of the clean example, for the label it went to and its own', async () => {
  const [x, w, logits] = [typed('x', ['batch', 5]), typed('w', [5, 2]), typed('logits', ['batch', 2])];
  const weights = lost.flatMap((value, i) => [value, gained[i]!]);
  const graph = graphOf({
    inputs: [x],
    outputs: [logits],
    nodes: [node('MatMul', [x, w], [logits])],
    initializers: new Map([[w, float32([5, 2], Float32Array.from(weights))]]),
  });
  // scores 14 and -4
  const clean = [0, 3, 0, 2, 0];
  const ground = await openExamples(graph, [5], clean);
  try {
    const finding: Finding = {
      id: 0,
      label: 0,
      goal: 0,
      success: true,
      predicted: 1,
      margin: -1,
      forwards: 1,
      backwards: 0,
      seconds: 0,
      adversarial: Float32Array.from(clean, (value, i) => value + difference[i]!),
    };
    const failed = { ...finding, success: false };
    const [found, none] = await interpretabilitiesOf([finding, failed], ground, { batch: 4 });
    for (const score of Object.values(found!)) expect(score).toBeCloseTo(4 / 13, 6);
    expect(none).toBeUndefined();
    const [strict] = await interpretabilitiesOf([finding], ground, { batch: 4, strict: true });
    for (const score of Object.values(strict!)) expect(score).toBeCloseTo(4 / 13, 6);
  } finally {
    await ground.release();
  }
});
