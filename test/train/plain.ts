/** Scores and series through the formulas, as plain numbers. */
import { expect } from 'vitest';

export function expectClose(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i]!, 5);
}

/** Groups of `width` numbers through a function. */
const grouped = (flat: readonly number[], width: number, change: (group: number[]) => number[]): number[] =>
  Array.from({ length: flat.length / width }, (_, i) => change(flat.slice(i * width, (i + 1) * width))).flat();

export const shares = (flat: readonly number[], width: number): number[] =>
  grouped(flat, width, (group) => group.map((value) => value / group.reduce((a, b) => a + b)));

export const softmax = (flat: readonly number[], width: number): number[] => shares(flat.map(Math.exp), width);

export const zOfRows = (flat: readonly number[], width: number): number[] =>
  grouped(flat, width, (group) => {
    const mean = group.reduce((a, b) => a + b) / width;
    const deviation = Math.sqrt(group.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width);
    return group.map((value) => (value - mean) / deviation);
  });
