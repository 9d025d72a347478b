import { describe, expect, test } from 'vitest';
import { type Distribution, settle } from '../../../src/settings/index.js';
import { algorithms } from '../../../src/train/algorithms/index.js';
import { type Settings, sampler, spacesFor, usualSettings } from '../../../src/train/search/index.js';

const names = Object.keys(algorithms) as (keyof typeof algorithms)[];
const trainer = { rate: 1e-3, weightDecay: 0, augmentations: 3, strength: 1 };

const contains = (distribution: Distribution, value: number): boolean =>
  distribution.kind === 'choice'
    ? distribution.values.includes(value)
    : distribution.from <= value && value <= distribution.to;

describe.each(names)('the space of %s', (name) => {
  const algorithm = algorithms[name];
  const spaces = spacesFor(algorithm);
  const trials = Array.from({ length: 300 }, (_, k) => sampler(spaces, 5)(k));

  test('says something for every algorithm that has options', () => {
    expect(Object.keys(spaces.trainer)).toEqual(['rate', 'weightDecay', 'augmentations', 'strength']);
    expect(Object.keys(spaces.algorithm).length > 0).toBe(Object.keys(algorithm.options).length > 0);
  });

  test('holds settings that the algorithm takes', () => {
    for (const { algorithm: own } of trials) expect(settle(algorithm, own)).toMatchObject(own);
  });

  test('holds the defaults of the algorithm, which are tried first', () => {
    const usual = usualSettings(algorithm, spaces, trainer);
    expect(usual.trainer).toEqual(trainer);
    expect(settle(algorithm, usual.algorithm)).toEqual(settle(algorithm));
    for (const [option, distribution] of Object.entries(spaces.algorithm))
      expect([option, contains(distribution, usual.algorithm[option]!)]).toEqual([option, true]);
  });

  test('draws views and rates that the trainer takes', () => {
    const most = name === 'supervised' || name === 'self-supervised' ? 1e-2 : 1e-3;
    const rates = trials.map((trial) => trial.trainer.rate!);
    expect(Math.max(...rates)).toBeLessThanOrEqual(most);
    expect(Math.max(...rates)).toBeGreaterThan(most / 2);
    expect(Math.min(...rates)).toBeGreaterThanOrEqual(1e-6);
    const drawn = (option: 'augmentations' | 'strength') =>
      [...new Set(trials.map((trial) => trial.trainer[option]!))].sort((a, b) => a - b);
    expect(drawn('augmentations')).toEqual([1, 2, 3, 4, 5, 6]);
    expect(drawn('strength')).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });
});

describe('what is held', () => {
  const held = { trainer: ['strength'], algorithm: ['weight'] } as const;

  test('is not searched', () => {
    const { trainer: own, algorithm } = spacesFor(algorithms.mixmatch, held);
    expect(Object.keys(own)).toEqual(['rate', 'weightDecay', 'augmentations']);
    expect(Object.keys(algorithm)).toEqual(['alpha', 'rampUp']);
    const usual = usualSettings(algorithms.mixmatch, { trainer: own, algorithm }, trainer);
    expect(usual).toEqual({
      trainer: { rate: 1e-3, weightDecay: 0, augmentations: 3 },
      algorithm: { alpha: 0.75, rampUp: 0.5 },
    });
  });

  test('leaves what else is drawn as it was', () => {
    const all = sampler(spacesFor(algorithms.mixmatch), 1)(7);
    const some = sampler(spacesFor(algorithms.mixmatch, held), 1)(7);
    expect(all).toMatchObject(some);
    expect(Object.keys(all.algorithm)).toContain('weight');
  });
});

describe('trials by chance', () => {
  const { mixmatch } = algorithms;
  const spaces = spacesFor(mixmatch);
  const drawn = (seed: number, count: number): Settings[] =>
    Array.from({ length: count }, (_, k) => sampler(spaces, seed)(k));

  test('are a function of the seed and their number, in any order', () => {
    const later = Array.from({ length: 20 }, (_, k) => sampler(spaces, 3)(19 - k)).reverse();
    expect(drawn(3, 20)).toEqual(later);
    expect(new Set(drawn(3, 20).map((settings) => JSON.stringify(settings))).size).toBe(20);
    expect(drawn(4, 20)).not.toEqual(later);
  });

  test('have rates that are as likely in each decade', () => {
    const logs = drawn(0, 3000).map(({ trainer: { rate } }) => Math.log10(rate!));
    for (const decade of [-6, -5, -4]) {
      const share = logs.filter((log) => log >= decade && log < decade + 1).length / logs.length;
      // four standard deviations
      expect(Math.abs(share - 1 / 3)).toBeLessThan(0.035);
    }
    const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
    expect(mean).toBeCloseTo(-4.5, 1);
    const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / logs.length;
    expect(variance).toBeCloseTo(9 / 12, 1);
  });

  test('have options that do not follow each other', () => {
    const pairs = drawn(0, 3000).map(({ trainer: { rate }, algorithm: { weight } }) => [Math.log(rate!), weight!]);
    expect(Math.abs(correlation(pairs))).toBeLessThan(0.08);
  });
});

function correlation(pairs: readonly (readonly number[])[]): number {
  const mean = (of: (pair: readonly number[]) => number) =>
    pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length;
  const [x, y] = [mean((pair) => pair[0]!), mean((pair) => pair[1]!)];
  const covariance = mean((pair) => (pair[0]! - x) * (pair[1]! - y));
  return covariance / Math.sqrt(mean((pair) => (pair[0]! - x) ** 2) * mean((pair) => (pair[1]! - y) ** 2));
}
