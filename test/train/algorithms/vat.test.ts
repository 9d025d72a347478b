/** The push of virtual adversarial training, on networks where it is known. */
import { describe, expect, test } from 'vitest';
import type { Graph } from '../../../src/ir/types.js';
import { floatsOf } from '../../../src/tensor/convert.js';
import { random } from '../../../src/tensor/random.js';
import { float32 } from '../../../src/tensor/tensor.js';
import { algorithms } from '../../../src/train/algorithms/index.js';
import { graphOf, node, typed } from '../../helpers/graphs.js';
import { type Small, small, waves } from '../small.js';
import { inRowsOf, mean, norm, softmax, sum } from './by-hand.js';
import { observed, type Rows } from './observed.js';

const shape = { channels: 1, length: 8, classes: 3 };
const data = { labelled: waves(6, shape, 40), unlabelled: waves(12, shape, 41) };

/** logits = scale W x, no more: its rows are of lengths 1, 2 and 3. */
function linear(scale: number): Graph {
  const [input, logits] = [typed('input', ['batch', 1, 8]), typed('logits', ['batch', 3])];
  const [weight, bias] = [typed('fc.weight', [3, 8]), typed('fc.bias', [3])];
  const flat = { name: 'flat' };
  const drawn = random(5, 'linear')
    .normals(24)
    .map((value, i) => value * scale * (1 + Math.floor(i / 8)));
  return graphOf({
    inputs: [input],
    outputs: [logits],
    nodes: [node('Flatten', [input], [flat]), node('Gemm', [flat, weight, bias], [logits], { transB: 1 })],
    initializers: new Map([
      [weight, float32([3, 8], drawn)],
      [bias, float32([3], new Float32Array(3))],
    ]),
  });
}

function weightOf({ initializers }: Graph): Rows {
  const [weight] = initializers.values();
  return inRowsOf([...floatsOf(weight!)], 8);
}

/** What each unlabelled series was pushed by in the end. */
async function pushes(
  options: Readonly<Record<string, number>>,
  changes: Partial<Small> = {},
): Promise<{ push: Rows; clean: Rows; divergence: number }> {
  const own = small({ algorithm: algorithms.vat as never, shape, data, options, ...changes });
  const { passes, terms } = await observed(own, { step: 0 });
  const [from, to] = [passes[1]!.x, passes.at(-1)!.x];
  return {
    push: to.map((row, i) => row.map((value, j) => value - from[i]![j]!)),
    clean: passes[1]!.logits,
    divergence: terms.divergence!,
  };
}

/** The direction in which the divergence curves most: of W' (diag p - p p') W, by powers. */
function steepest(weight: Rows, logits: readonly number[]): number[] {
  const p = softmax(logits);
  let direction = weight[0]!.map((_, i) => Math.cos(i));
  for (let k = 0; k < 500; k++) {
    const moved = weight.map((row) => sum(row.map((w, i) => w * direction[i]!)));
    const centred = moved.map((each, c) => p[c]! * (each - sum(moved.map((other, j) => p[j]! * other))));
    const next = direction.map((_, i) => sum(centred.map((each, c) => each * weight[c]![i]!)));
    direction = next.map((each) => each / norm(next));
  }
  return direction;
}

describe('the push', () => {
  test('is along the steepest direction of a linear network', async () => {
    const model = linear(0.3);
    const weight = weightOf(model);
    const { push, clean } = await pushes({ iterations: 10, probe: 0.01, radius: 0.5 }, { model });
    push.forEach((row, i) => {
      const direction = steepest(weight, clean[i]!);
      const along = sum(row.map((value, j) => value * direction[j]!)) / norm(row);
      expect(Math.abs(along)).toBeGreaterThan(0.999);
    });
  });

  test.each([
    ['of a linear network', { model: linear(0.3) }, 0.5],
    ['of one that is sure beyond the last digit', { model: linear(20) }, 2.5],
    ['of convolutions', { shape: { ...shape, width: 8 } }, 2.5],
  ])('has the length that was asked for: %s', async (_, changes, radius) => {
    const { push, clean } = await pushes({ radius }, changes);
    for (const row of push) expect(norm(row)).toBeCloseTo(radius, 3);
    expect(clean).toHaveLength(6);
  });

  test('hurts more than one at random, and more along a better direction', async () => {
    const [one, several] = [
      await pushes({ iterations: 1, radius: 1 }, { model: linear(0.3) }),
      await pushes({ iterations: 5, radius: 1 }, { model: linear(0.3) }),
    ];
    expect(several.divergence).toBeGreaterThanOrEqual(one.divergence * 0.999);
    const { push } = one;
    const weight = weightOf(linear(0.3));
    const drawn = random(6, 'directions');
    const others = push.map((_, i) => {
      const direction = [...drawn.normals(8, 8 * i)];
      return direction.map((value) => value / norm(direction));
    });
    const divergenceOf = (by: Rows): number =>
      mean(
        one.clean.map((logits, i) => {
          const p = softmax(logits);
          const q = softmax(logits.map((each, c) => each + sum(weight[c]!.map((w, j) => w * by[i]![j]!))));
          return sum(p.map((share, c) => share * Math.log(share / q[c]!)));
        }),
      );
    expect(divergenceOf(push)).toBeCloseTo(one.divergence, 4);
    expect(divergenceOf(push)).toBeGreaterThan(2 * divergenceOf(others));
  });

  test('leaves what is behind the end of a series alone', async () => {
    const masked = { ...shape, width: 8, masked: true };
    const own = { labelled: waves(6, masked, 42), unlabelled: waves(12, masked, 43) };
    const ended = small({ algorithm: algorithms.vat as never, shape: masked, data: own });
    const { passes } = await observed(ended, { step: 0 });
    const [clean, pushed] = [passes[1]!, passes.at(-1)!];
    let behind = 0;
    pushed.x.forEach((row, i) => {
      row.forEach((value, j) => {
        if (pushed.mask![i]![j] !== 0) return;
        behind++;
        expect(value).toBe(clean.x[i]![j]);
      });
      expect(norm(row.map((value, j) => value - clean.x[i]![j]!))).toBeCloseTo(2.5, 3);
    });
    expect(behind).toBeGreaterThan(0);
  });
});
