/** Two waves in noise, two labels each: what unlabelled series are good for. */
import { describe, expect, test } from 'vitest';
import type { LabelledSeries } from '../../../src/data/series.js';
import { adamw, schedules } from '../../../src/optim/index.js';
import { random } from '../../../src/tensor/random.js';
import { type AlgorithmName, algorithms } from '../../../src/train/algorithms/index.js';
import { evaluator } from '../../../src/train/evaluator.js';
import { judge } from '../../../src/train/judgement.js';
import { train } from '../../../src/train/train.js';
import { augmentations, randAugment, single, views } from '../../../src/train/views/index.js';
import { problemOf, small } from '../small.js';

const length = 32;
const shape = { channels: 1, length, classes: 2, width: 8 };
const steps = 200;
const seed = 3;
const data = { labelled: waves(4, seed), unlabelled: waves(200, 100 + seed) };
const heldOut = waves(400, 1000 + seed);
const looks = { augmented: single(augmentations['mag-noise'], 0.5), weak: views.weak, strong: randAugment(2, 3) };

/** Two rounds or three, from anywhere on. */
function waves(count: number, from: number): LabelledSeries {
  const drawn = random(from, 'waves');
  const [phases, noise] = [drawn.uniforms(count), drawn.normals(count * length)];
  const labels = Int32Array.from({ length: count }, (_, row) => row % 2);
  const values = noise.map((each, at) => {
    const row = Math.floor(at / length);
    return 0.7 * each + Math.sin(2 * Math.PI * (phases[row]! + ((2 + labels[row]!) * (at % length)) / length));
  });
  return { count, channels: 1, length, values, labels };
}

/** The share of held-out waves that are told apart in the end. */
async function accuracyOf(name: AlgorithmName, options: Readonly<Record<string, number>> = {}): Promise<number> {
  const algorithm = algorithms[name];
  const own = small({
    algorithm: algorithm as never,
    options,
    shape,
    data,
    views: looks,
    steps,
    seed,
    labelledBatch: 8,
    unlabelledBatch: 32,
  });
  const { best } = await train(await problemOf(own), own.model, undefined, {
    ...{ optimiser: adamw(), rate: 0.02, schedule: schedules.cosine, steps, every: steps, threads: 1 },
    keeps: 'keeps' in algorithm ? 'teacher' : 'student',
  });
  const moving = [...own.model.initializers.keys()].filter((value) => best.weights.has(value.name));
  const judged = await evaluator(own.model, moving, { threads: 1 });
  const logits = await judged.logits(heldOut, best.weights);
  await judged.release();
  return judge(logits, heldOut).accuracy;
}

describe('two waves in noise, two labels each', () => {
  test('are not told apart from labels alone', async () => {
    const accuracy = await accuracyOf('supervised');
    expect(accuracy).toBeGreaterThan(0.85);
    expect(accuracy).toBeLessThan(0.94);
  });

  test.each([
    ['pseudo-label', { threshold: 0.8 }],
    ['pi-model', { weight: 10 }],
    ['mean-teacher', { weight: 10, decay: 0.9 }],
    ['vat', { radius: 1, entropy: 0.5 }],
    ['mixmatch', { weight: 10 }],
    ['fixmatch', { threshold: 0.8 }],
    ['fully-labelled', {}],
  ] as const)('are with unlabelled series beside them: %s %o', async (name, options) => {
    expect(await accuracyOf(name, options)).toBeGreaterThan(0.96);
  });
});
