import { describe, expect, test } from 'vitest';
import { philox, type Words } from '../../src/tensor/philox.js';
import { random } from '../../src/tensor/random.js';

/** The known answers of the authors' Random123 library. */
const known: [Words, [number, number], Words][] = [
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
];

test.each(known)('philox of counter %o and key %o', (counter, key, expected) => {
  expect(philox(counter, key, [0, 0, 0, 0])).toEqual(expected);
});

describe('random', () => {
  const many = 40_000;

  test('is a function of seed, stream and index, in any order', () => {
    const a = random(1, 'weights');
    const backwards = Array.from({ length: 50 }, (_, i) => a.normal(49 - i)).reverse();
    expect(backwards.map(Math.fround)).toEqual([...random(1, 'weights').normals(50)]);
    expect(a.normals(10, 7)).toEqual(a.normals(17).subarray(7));
    expect(a.uniforms(10, 7)).toEqual(a.uniforms(17).subarray(7));
  });

  test('other seeds, streams and kinds give other numbers', () => {
    const first = random(1, 'a').uniforms(8);
    expect(random(2, 'a').uniforms(8)).not.toEqual(first);
    expect(random(1 + 2 ** 32, 'a').uniforms(8)).not.toEqual(first);
    expect(random(1, 'b').uniforms(8)).not.toEqual(first);
    expect(random(1, 'a').uniforms(8, 2 ** 40)).not.toEqual(first);
  });

  test('uniform numbers fill [0, 1) evenly', () => {
    const numbers = random(3, 'uniform').uniforms(many);
    const bins = new Array<number>(16).fill(0);
    for (const u of numbers) bins[Math.floor(u * 16)]!++;
    // each count is within five standard deviations
    for (const count of bins) expect(Math.abs(count - many / 16)).toBeLessThan(5 * Math.sqrt(many / 16));
  });

  test('normal numbers have mean 0, variance 1 and kurtosis 3', () => {
    const numbers = Array.from(random(4, 'normal').normals(many));
    const moment = (power: number) => numbers.reduce((sum, x) => sum + x ** power, 0) / many;
    expect(moment(1)).toBeCloseTo(0, 1);
    expect(moment(2)).toBeCloseTo(1, 1);
    expect(moment(3)).toBeCloseTo(0, 1);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.15);
  });

  test('integers are below their bound and reach all of it', () => {
    const { integer } = random(5, 'integer');
    const seen = new Set(Array.from({ length: 200 }, (_, i) => integer(i, 7)));
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  test('a permutation holds every number once', () => {
    const order = random(6, 'order').permutation(1000);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect([...order]).not.toEqual([...order].sort((a, b) => a - b));
  });

  test('a sample holds different numbers, and is the start of the permutation', () => {
    const sample = random(7, 'sample').sample(20, 1000);
    expect(new Set(sample).size).toBe(20);
    expect(sample).toEqual(random(7, 'sample').permutation(1000).subarray(0, 20));
    expect(random(7, 'sample').sample(9, 5)).toHaveLength(5);
  });

  test('does not change between versions', () => {
    expect([
      random(0, '').uniform(0),
      random(0, 'x').integer(3, 1000),
      random(9, 'y').permutation(5).join(),
    ]).toMatchInlineSnapshot(`
      [
        0.8214928959496319,
        823,
        "4,0,1,3,2",
      ]
    `);
  });
});
