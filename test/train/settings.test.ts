import { expect, test } from 'vitest';
import { stepsOf, type TrainingSettings, usualSettings } from '../../src/train/settings.js';

const of = (changes: Partial<TrainingSettings>): TrainingSettings => ({ ...usualSettings, steps: 800, ...changes });

test.each([
  ['no limit of epochs', {}, 50, 800],
  ['few labels', { epochs: 256 }, 50, 400],
  ['a started step', { epochs: 256, labelledBatch: 30 }, 50, 427],
  ['many labels', { epochs: 256 }, 500, 800],
  ['one label', { epochs: 1 }, 1, 1],
] as const)('steps of a training: %s', (_, changes, labels, steps) => {
  expect(stepsOf(of(changes), labels)).toBe(steps);
});
