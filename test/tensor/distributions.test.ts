import { describe, expect, test } from 'vitest';
import { beta, nextBeta, nextHalfNormal } from '../../src/tensor/distributions.js';
import { random } from '../../src/tensor/random.js';
import { sequence } from '../../src/tensor/sequence.js';

const many = 20_000;

/** Means of the powers 1 to 3 of `numbers` are within five standard errors of `moment`. */
function expectMoments(numbers: readonly number[], moment: (power: number) => number) {
  for (const power of [1, 2, 3]) {
    const mean = numbers.reduce((sum, x) => sum + x ** power, 0) / numbers.length;
    const error = Math.sqrt((moment(2 * power) - moment(power) ** 2) / numbers.length);
    expect(Math.abs(mean - moment(power)), `power ${power}`).toBeLessThan(5 * error);
  }
}

describe('beta', () => {
  test.each([
    [0.1, 0.1],
    [0.2, 0.2],
    [0.75, 0.75],
    [1, 1],
    [0.3, 2],
    [5, 1.5],
  ])('has the moments of Beta(%d, %d)', (a, b) => {
    const numbers = Array.from({ length: many }, (_, index) => beta(random(1, 'beta'), index, a, b));
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThanOrEqual(1);
    expectMoments(numbers, (power) => {
      let moment = 1;
      for (let r = 0; r < power; r++) moment *= (a + r) / (a + b + r);
      return moment;
    });
  });

  test('of shapes where gammas underflow is 0 or 1, as often', () => {
    const numbers = Array.from({ length: 1000 }, (_, index) => beta(random(2, 'beta'), index, 1e-5, 1e-5));
    const ones = numbers.filter((x) => x > 0.999).length;
    expect(numbers.filter((x) => x < 0.001).length + ones).toBeGreaterThan(995);
    expect(Math.abs(ones - 500)).toBeLessThan(5 * Math.sqrt(250));
  });

  test('is a function of seed, stream and index, in any order', () => {
    const numbers = [7, 3, 5].map((index) => beta(random(3, 'a'), index, 0.75, 0.75));
    const draw = random(3, 'a');
    expect([5, 3, 7].map((index) => beta(draw, index, 0.75, 0.75)).reverse()).toEqual(numbers);
    expect(new Set(numbers).size).toBe(3);
  });

  test.each([
    [0, 1],
    [1, -2],
    [Number.NaN, 1],
  ])('refuses the shapes %d and %d', (a, b) => {
    expect(() => beta(random(1, ''), 0, a, b)).toThrow(`beta: expected shapes above 0, got ${a} and ${b}`);
  });
});

test('half-normal numbers have their moments and their bound', () => {
  const draw = sequence(random(4, 'half-normal'), 0);
  const numbers = Array.from({ length: many }, () => nextHalfNormal(draw, 1 / 3, 1));
  expect(Math.max(...numbers)).toBeLessThanOrEqual(1);
  // by Simpson's rule
  const integral = (of: (x: number) => number) => {
    let sum = 0;
    for (let i = 0; i <= 600; i++) sum += of(i / 600) * (i === 0 || i === 600 ? 1 : i % 2 === 0 ? 2 : 4);
    return sum / 1800;
  };
  const density = (x: number) => Math.exp(-((x * 3) ** 2) / 2);
  expectMoments(numbers, (power) => integral((x) => x ** power * density(x)) / integral(density));
});

describe('a sequence', () => {
  test('gives the same numbers again, and goes on', () => {
    const taken = () => {
      const draw = sequence(random(5, 's'), 9);
      return [
        draw.uniform(),
        draw.normal(),
        draw.integer(1000),
        ...draw.normals(3),
        nextBeta(draw, 0.1, 0.1),
        draw.uniform(),
      ];
    };
    expect(taken()).toEqual(taken());
    expect(new Set(taken()).size).toBe(8);
  });

  test('takes many numbers as it takes one after another', () => {
    const draw = sequence(random(6, 's'), 2 ** 35 - 1);
    const one = sequence(random(6, 's'), 2 ** 35 - 1);
    draw.uniform();
    one.uniform();
    expect([...draw.normals(6)]).toEqual(Array.from({ length: 6 }, () => Math.fround(one.normal())));
    expect(draw.uniform()).toBe(one.uniform());
  });

  test('has other numbers than that of the next index', () => {
    const numbers = [0, 1, 2].flatMap((index) => [...sequence(random(7, 's'), index).normals(50)]);
    expect(new Set(numbers).size).toBe(150);
  });
});
