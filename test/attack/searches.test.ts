/** Attacks that ask for scores alone: where they look, what they ask about, and the parts they are made of. */
import { describe, expect, test } from 'vitest';
import { type AttackName, attackNamed } from '../../src/attack/catalogue.js';
import { diceOf } from '../../src/attack/dice.js';
import { openGround } from '../../src/attack/ground.js';
import { settle } from '../../src/attack/options.js';
import { batchesFor, type Finding, runBatch } from '../../src/attack/run.js';
import { Shortlist } from '../../src/attack/shortlist.js';
import { sigmaMap } from '../../src/attack/sigma-map.js';
import { heap, squaresL2, twoHeaps } from '../../src/attack/squares-l2.js';
import { stageOf } from '../../src/attack/stages.js';
import { windowSize } from '../../src/attack/windows.js';
import { boundsOf } from '../../src/oracle/bounds.js';
import { spaceOf } from '../../src/oracle/space.js';
import type { GivenOptions } from '../../src/settings/index.js';
import { random } from '../../src/tensor/random.js';
import { changeOf, findingsOf, type LinearCase, linearCase, type Shape } from './linear.js';
import { promises } from './promises.js';

const names: readonly AttackName[] = ['corner-search', 'one-pixel', 'sparse-rs', 'square-l2', 'square-linf'];

describe('where some elements must stay', () => {
  const shapes: readonly Shape[] = [[30], [2, 24], [2, 3, 7], [1, 9, 4]];
  const cases = names.flatMap((name) => shapes.map((shape) => ({ name, shape })));

  test.each(cases)('$name changes others of $shape', async ({ name, shape }) => {
    const linear = linearCase(21, shape, 3, 1);
    const mask = Uint8Array.from({ length: linear.x.length / 3 }, (_, i) => Number(i % 3 !== 0));
    const given = { ...promises[name].options, ...(name === 'one-pixel' && { pixels: 4 }) };
    for (const finding of await maskedFindings(name, linear, mask, given)) {
      expect(finding.success, `sample ${finding.id}`).toBe(true);
      finding.adversarial.forEach((value, i) => {
        if (mask[i] === 0) expect(value).toBe(linear.x[finding.id * mask.length + i]);
      });
    }
  });
});

describe('targets', () => {
  // of two classes that can win, to reach the other is to leave the label
  test.each(names.filter((name) => name !== 'one-pixel'))('%s', async (name) => {
    const linear = linearCase(12, [3, 4, 4], 6);
    const { options, of, most, bisect = false } = promises[name];
    for (const finding of await findingsOf(name, linear, options, { bisect, goal: { kind: 'offset', by: 1 } })) {
      expect(finding).toMatchObject({ success: true, predicted: 1 });
      if (most) expect(changeOf(linear, finding)[of]).toBeLessThanOrEqual(most(linear.exact[finding.id][of]));
    }
  });
});

describe('sparse-rs', () => {
  test('goes to both ends of the box, and nowhere else', async () => {
    const linear = linearCase(3, [2, 5, 8], 4);
    const changed = await changedValues('sparse-rs', linear, { k: 12, queries: 200 });
    expect(new Set(changed)).toEqual(new Set([0, 1]));
  });

  test('spends no position on a corner where the example already stands', async () => {
    const linear = linearCase(3, [30], 4);
    const ends = linear.x.map((value) => Math.round(value));
    const binary = { ...linear, x: ends };
    linear.x.set(ends);
    for (const finding of await findingsOf('sparse-rs', binary, { k: 10, queries: 100 }))
      if (finding.success) expect(changeOf(binary, finding).positions).toBe(10);
  });
});

describe('corner-search', () => {
  test('draws corners where channels are many', async () => {
    const linear = linearCase(4, [9, 12], 3, 1);
    const options = { ...promises['corner-search'].options, k: 8, corners: 16 };
    for (const { success } of await findingsOf('corner-search', linear, options)) expect(success).toBe(true);
  });

  test('stays with what cannot be seen', async () => {
    const linear = linearCase(5, [3, 5, 5], 4, 1);
    const options = { ...promises['corner-search'].options, k: 20, values: 'sigma-map' };
    let seen = 0;
    for (const { success, adversarial, id } of await findingsOf('corner-search', linear, options)) {
      if (!success) continue;
      const clean = linear.x.subarray(id * 75, (id + 1) * 75);
      const sigma = sigmaMap(clean, spaceOf([3, 5, 5]));
      adversarial.forEach((value, i) => {
        if (value === clean[i]) return;
        seen++;
        const either = [-1.5, 1.5].map((kappa) => Math.min(1, clean[i] * (1 + kappa * sigma[i])));
        expect(Math.min(...either.map((each) => Math.abs(Math.max(0, each) - value)))).toBeLessThan(1e-6);
      });
    }
    expect(seen).toBeGreaterThan(0);
  });

  test('its sigma-map is the root of the lesser deviation', () => {
    // rows of 0 1 0: along them sqrt(2) / 3, across nothing but at the ends
    const rows = sigmaMap(Float32Array.of(0, 1, 0, 0, 1, 0, 0, 1, 0), spaceOf([1, 3, 3]));
    expect([...rows]).toEqual(Array(9).fill(0));
    const series = sigmaMap(Float32Array.of(0, 1, 0), spaceOf([1, 3]));
    for (const value of series) expect(value).toBeCloseTo(Math.sqrt(Math.SQRT2 / 3), 6);
  });
});

test('one-pixel changes as many pixels as it is given', async () => {
  const linear = linearCase(6, [1, 6, 6], 4, 3);
  for (const finding of await findingsOf('one-pixel', linear, { ...promises['one-pixel'].options, pixels: 3 })) {
    expect(finding.success).toBe(true);
    expect(changeOf(linear, finding).positions).toBeLessThanOrEqual(3);
  }
});

describe('the Square Attack', () => {
  test('its squares are segments where there is one row', () => {
    expect(windowSize(spaceOf([40]), 0.3)).toEqual({ height: 1, width: 12 });
    expect(windowSize(spaceOf([3, 32, 32]), 0.3)).toEqual({ height: 18, width: 18 });
    expect(windowSize(spaceOf([3, 3, 7]), 0.8)).toEqual({ height: 3, width: 6 });
    expect(windowSize(spaceOf([3, 7, 3]), 1)).toEqual({ height: 7, width: 3 });
    expect(windowSize(spaceOf([3, 32, 32]), 1e-9, 3)).toEqual({ height: 3, width: 3 });
  });

  test('its heaps fall outwards, two of opposite sign in a window of norm 1', () => {
    const [middle, next, last] = [1 + 1 / 4 + 1 / 9, 1 / 4 + 1 / 9, 1 / 9];
    const row = [last, next, next, next, last];
    const expected = [Array(5).fill(last), row, [last, next, middle, next, last], row, Array(5).fill(last)].flat();
    heap(5, 5).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 6);
    });
    for (const isStacked of [true, false]) {
      const both = twoHeaps(6, 4, isStacked);
      expect(Math.hypot(...both)).toBeCloseTo(1, 6);
      expect(both.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 6);
      expect([...both].filter((value) => value > 0)).toHaveLength(12);
    }
  });

  test.each<Shape>([[40], [2, 30], [3, 8, 6]])('in l2 every point is at the rim of the ball: %o', (...shape) => {
    const space = spaceOf(shape);
    const clean = new Float32Array(space.size);
    const [lower, upper] = [clean.map(() => -9), clean.map(() => 9)];
    const current = new Float32Array(clean);
    const dice = diceOf(random(1, 'squares'));
    const { start, propose } = squaresL2({ space, clean, lower, upper, current, dice, eps: 0.7 });
    const asked = new Float32Array(current);
    start(asked);
    expect(Math.hypot(...asked)).toBeCloseTo(0.7, 5);
    for (let i = 0; i < 50; i++) {
      current.set(asked);
      propose(asked, 0.3 / 2 ** (i % 6));
      expect(Math.hypot(...asked)).toBeCloseTo(0.7, 5);
    }
  });
});

test('stages end where the papers say, at 10000 queries and stretched', () => {
  const ends = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];
  ends.forEach((end, stage) => {
    expect([stageOf(end, 10000), stageOf(end + 1, 10000)]).toEqual([stage, stage + 1]);
    expect(stageOf(10 * end, 100000)).toBe(stage);
  });
});

test('a shortlist holds the smallest in order, of equal ones the first', () => {
  const values = [...random(2, 'values').uniforms(200)].map((value) => Math.floor(value * 50));
  const list = new Shortlist(20);
  values.forEach((value, id) => {
    list.see(id, value);
  });
  const sorted = values.map((value, id) => ({ value, id })).sort((a, b) => a.value - b.value || a.id - b.id);
  expect([...list.ids]).toEqual(sorted.slice(0, 20).map(({ id }) => id));
  expect(list.least).toBe(sorted[0].value);
});

/** Values of the elements that a search without a bisected budget has changed. */
async function changedValues(name: AttackName, linear: LinearCase, given: GivenOptions): Promise<number[]> {
  const size = linear.x.length / linear.samples.count;
  const findings = await findingsOf(name, linear, given);
  return findings.flatMap(({ id, adversarial }) =>
    [...adversarial].filter((value, i) => value !== linear.x[id * size + i]),
  );
}

async function maskedFindings(
  name: AttackName,
  { graph, samples }: LinearCase,
  mask: Uint8Array,
  given: GivenOptions,
): Promise<readonly Finding[]> {
  const ground = await openGround(
    graph,
    samples,
    ({ space }) => boundsOf([[0, 1]], space, 'the box'),
    { batch: 64, threads: 1 },
    { input: 'x', mask: () => mask },
  );
  try {
    const goal = { kind: 'untargeted' } as const;
    const attack = attackNamed(name);
    const [rows] = batchesFor(ground, { goal, batch: 64 });
    const run = { goal, batch: 64, seed: 1, bisect: promises[name].bisect ?? false };
    return (await runBatch(attack, settle(attack, ground.space, false, given), ground, rows, run)).findings;
  } finally {
    await ground.release();
  }
}
