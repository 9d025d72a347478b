import { describe, expect, test } from 'vitest';
import { algorithms } from '../../../src/train/algorithms/index.js';
import { views } from '../../../src/train/views/index.js';
import { small, waves } from '../small.js';
import { crossEntropies, inRowsOf, mean } from './by-hand.js';
import { observed } from './observed.js';

const shape = { channels: 2, length: 16, classes: 3, width: 8 };
const steps = 10;
const step = 3;
const data = { labelled: waves(9, shape, 20), unlabelled: waves(15, shape, 21) };
const allViews = { augmented: views['rand-augment'], weak: views.weak, strong: views.strong };

describe('weights of classes', () => {
  test.each(Object.entries(algorithms))('weigh labels, and nothing else: %s', async (_, algorithm) => {
    const own = small({ algorithm: algorithm as never, shape, data, views: allViews, steps });
    const plain = await observed(own, { step });
    const twice = await observed({ ...own, classWeights: Float32Array.of(2, 2, 2) }, { step });
    for (const [term, value] of Object.entries(plain.terms))
      expect(twice.terms[term]).toBeCloseTo(term === 'supervised' ? 2 * value : value, 5);
  });

  test.each(['supervised', 'fully-labelled'] as const)('are those of the row: %s', async (name) => {
    const classWeights = Float32Array.of(0.25, 1, 3);
    const own = small({ algorithm: algorithms[name] as never, shape, data, views: allViews, steps, classWeights });
    const { passes, fed, terms } = await observed(own, { step });
    const hot = inRowsOf([...fed['labelled/classes']!, ...(fed['unlabelled/classes'] ?? [])], 3);
    const weighted = crossEntropies(passes[0]!.logits, hot).map((each, i) => each * classWeights[hot[i]!.indexOf(1)]!);
    expect(terms.supervised).toBeCloseTo(mean(weighted), 5);
  });
});
