import { describe, expect, test } from 'vitest';
import { type Distribution, settle } from '../../../src/settings/index.js';
import { algorithms } from '../../../src/train/algorithms/index.js';
import { defaultsOf, type Settings, sampler, spacesFor, withSettings } from '../../../src/train/search/index.js';
import { usualSettings } from '../../../src/train/settings.js';
import { viewNamed } from '../../../src/train/view-names.js';

const names = Object.keys(algorithms) as (keyof typeof algorithms)[];
const training = usualSettings;

const contains = (distribution: Distribution, value: number): boolean =>
  distribution.kind === 'choice'
    ? distribution.values.includes(value)
    : distribution.from <= value && value <= distribution.to;

describe.each(names)('the space of %s', (name) => {
  const algorithm = algorithms[name];
  const spaces = spacesFor(algorithm, training);
  const trials = Array.from({ length: 300 }, (_, k) => sampler(spaces, 5)(k));

  test('says something for every algorithm that has options', () => {
    expect(Object.keys(spaces.trainer)).toEqual(['rate', 'weightDecay', 'augmentations', 'strength']);
    expect(Object.keys(spaces.algorithm).length > 0).toBe(Object.keys(algorithm.options).length > 0);
  });

  test('holds settings that the algorithm takes', () => {
    for (const { algorithm: own } of trials) expect(settle(algorithm, own)).toMatchObject(own);
  });

  test('holds settings that the trainer takes, of the views that the algorithm sees', () => {
    const view = name === 'fixmatch' ? 'strong' : 'augment';
    for (const trial of trials) {
      const { rate, weightDecay, augmentations, strength } = trial.trainer;
      const set = { rate, weightDecay, [view]: strength === 0 ? 'none' : `${augmentations},${strength}` };
      expect(withSettings(algorithm, training, trial)).toEqual({ ...training, ...set });
      expect(viewNamed(set[view] as string).name).toBe(
        strength === 0 ? 'none' : `rand-augment ${augmentations} ${strength}`,
      );
    }
  });

  test('holds the defaults of the algorithm, which are tried first', () => {
    const usual = defaultsOf(algorithm, training, spaces);
    expect(withSettings(algorithm, training, usual)).toEqual(training);
    expect(Object.keys(usual.trainer)).toEqual(Object.keys(spaces.trainer));
    expect(settle(algorithm, usual.algorithm)).toEqual(settle(algorithm));
    for (const [option, distribution] of Object.entries(spaces.algorithm))
      expect([option, contains(distribution, usual.algorithm[option]!)]).toEqual([option, true]);
  });

  test('draws views and rates that the trainer takes', () => {
    const most = ['supervised', 'fully-labelled', 'self-supervised'].includes(name) ? 1e-2 : 1e-3;
    const rates = trials.map((trial) => trial.trainer.rate!);
    expect(Math.max(...rates)).toBeLessThanOrEqual(most);
    expect(Math.max(...rates)).toBeGreaterThan(most / 2);
    expect(Math.min(...rates)).toBeGreaterThanOrEqual(1e-6);
    const drawn = (option: 'augmentations' | 'strength') =>
      [...new Set(trials.map((trial) => trial.trainer[option]!))].sort((a, b) => a - b);
    expect(drawn('augmentations')).toEqual([1, 2, 3, 4, 5, 6]);
    expect(drawn('strength')).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });
});

describe('what is held', () => {
  const held = { trainer: ['strength'], algorithm: ['weight'] } as const;

  test('is not searched', () => {
    const { trainer: own, algorithm } = spacesFor(algorithms.mixmatch, training, held);
    expect(Object.keys(own)).toEqual(['rate', 'weightDecay', 'augmentations']);
    expect(Object.keys(algorithm)).toEqual(['alpha', 'rampUp']);
    const mine = { ...training, rate: 0.002, augment: '2,7' };
    const usual = defaultsOf(algorithms.mixmatch, mine, { trainer: own, algorithm });
    expect(usual).toEqual({
      trainer: { rate: 0.002, weightDecay: 0.0001, augmentations: 2 },
      algorithm: { alpha: 0.75, rampUp: 0.1 },
    });
    // what is held is as it was set
    const trial = withSettings(algorithms.mixmatch, mine, { trainer: { rate: 1e-4, augmentations: 5 } });
    expect(trial).toEqual({ ...mine, rate: 1e-4, augment: '5,7' });
  });

  test.each(['time-warp:0.2', 'mag-noise:0.02'])('is a view that is no RandAugment: %s', (augment) => {
    const mine = { ...training, augment };
    const spaces = spacesFor(algorithms.mixmatch, mine);
    expect(Object.keys(spaces.trainer)).toEqual(['rate', 'weightDecay']);
    expect(withSettings(algorithms.mixmatch, mine, defaultsOf(algorithms.mixmatch, mine, spaces))).toEqual(mine);
    // of fixmatch another view is varied
    expect(Object.keys(spacesFor(algorithms.fixmatch, mine).trainer)).toContain('strength');
  });

  test('leaves what else is drawn as it was', () => {
    const all = sampler(spacesFor(algorithms.mixmatch, training), 1)(7);
    const some = sampler(spacesFor(algorithms.mixmatch, training, held), 1)(7);
    expect(all).toMatchObject(some);
    expect(Object.keys(all.algorithm)).toContain('weight');
  });
});

describe('trials by chance', () => {
  const { mixmatch } = algorithms;
  const spaces = spacesFor(mixmatch, training);
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
