import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { builderFor } from '../../src/ops/builder.js';
import {
  atMostK,
  type Box,
  box,
  groupL0,
  groupL2,
  linfBall,
  lp,
  type Penalty,
  penalties,
  penaltyFamilies,
} from '../../src/optim/index.js';
import { compile, type Program } from '../../src/runtime/program.js';
import { random } from '../../src/tensor/random.js';
import { dataOf, float32 } from '../../src/tensor/tensor.js';
import { graphOf, typed } from '../helpers/graphs.js';

interface Row {
  /** Its key in the catalogue, if it is another than the row's. */
  readonly of?: string;
  readonly penalty: Required<Penalty>;
  readonly constraint?: true;
  /** Its nodes take no box, and one step a group. */
  readonly free?: true;
}

const size = 6;
/** A group of two, one of three, one of none and one element in none. */
const labels = Int32Array.of(1, 0, 1, -1, 1, 3).map((label) => (label === 3 ? 0 : label));

const rows: Record<string, Row> = {
  l0: { penalty: penalties.l0 },
  lHalf: { penalty: penalties.lHalf },
  lTwoThirds: { penalty: penalties.lTwoThirds },
  l1: { penalty: penalties.l1 },
  squaredL2: { penalty: penalties.squaredL2 },
  'lp, 0.1': { of: 'lp', penalty: lp(0.1) },
  'lp, 0.5': { of: 'lp', penalty: lp(0.5) },
  'lp, 0.95': { of: 'lp', penalty: lp(0.95) },
  atMostK: { penalty: atMostK(3), constraint: true },
  box: { penalty: box({ lower: -0.3, upper: Float32Array.of(0.7, 1, 2, 3, 0.1, 0.7) }), constraint: true },
  linfBall: { penalty: linfBall(0.4), constraint: true },
  groupL0: { penalty: groupL0(labels) },
  groupL2: { penalty: groupL2(labels), free: true },
};

test('the table has a row for each of the catalogue that a graph can hold', () => {
  const covered = Object.entries(rows).map(([name, row]) => row.of ?? name);
  const without = ['l2Ball', 'l1Ball', 'nuclear', 'segments', 'atMostSegments'];
  expect([...new Set([...covered, ...without])].sort()).toEqual(
    Object.keys({ ...penalties, ...penaltyFamilies }).sort(),
  );
});

/** Outputs the prox of z without a box and, but for those that take none, with one. */
function compiled({ penalty, free }: Row): Promise<Program> {
  const inputs = ['z', 'step', 'lower', 'upper'].map((name) => typed(name, ['rows', `${name} size`]));
  const [z, step, lower, upper] = inputs as [(typeof inputs)[0], ...typeof inputs];
  const graph = graphOf({ inputs: free ? [z, step!] : inputs });
  const g = builderFor(graph);
  const outputs = [penalty.emitProx(g, z, step!)];
  if (!free) outputs.push(penalty.emitProx(g, z, step!, { lower: lower!, upper: upper! }));
  return compile(g.appendTo(graph, outputs), { threads: 1 });
}

/** Of flat arrays; steps are one a row or one an element. */
async function run(program: Program, z: Float32Array, step: Float32Array, limits: Box): Promise<Float32Array[]> {
  const count = z.length / size;
  const fed: Record<string, Float32Array> = {
    z,
    step,
    lower: limits.lower as Float32Array,
    upper: limits.upper as Float32Array,
  };
  const found = await program.run(
    new Map(program.inputs.map((v) => [v, float32([count, fed[v.name]!.length / count], fed[v.name]!)])),
  );
  return program.outputs.map((output) => dataOf(found.get(output)!) as Float32Array);
}

const draws = random(11, 'emitted');
let drawn = 0;
const numbers = (count: number, draw: (i: number) => number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => draw(i));
const between = (low: number, high: number): number => low + (high - low) * draws.uniform(drawn++);
const normals = (count: number): Float32Array => numbers(count, () => draws.normal(drawn++));

/** Limits of all kinds; no more than two of a row keep an element from zero. */
function boxOf(count: number): Box {
  const pair = (i: number): [number, number] => {
    if (i % size === 0) return [between(0.01, 0.4), between(0.4, 2)];
    if (i % size === 1) return [-2, between(-0.2, 0.1)];
    if (i % size === 2) return [0, Number.POSITIVE_INFINITY];
    if (i % size === 3) return [0, 0];
    return [between(-1, 0), between(0, 1)];
  };
  const limits = Array.from({ length: count * size }, (_, i) => pair(i));
  return { lower: numbers(count * size, (i) => limits[i]![0]), upper: numbers(count * size, (i) => limits[i]![1]) };
}

/** What prox minimises, in units of the least step. */
function cost({ penalty, constraint }: Row, p: Float32Array, z: Float32Array, step: Float32Array): number {
  const each = (i: number): number => (constraint ? 1 : step[step.length === 1 ? 0 : i]!);
  const least = constraint ? 1 : Math.min(...step);
  return least * penalty.value(p) + p.reduce((sum, x, i) => sum + (((x - z[i]!) ** 2 / 2) * least) / each(i), 0);
}

describe.each(Object.entries(rows))('%s', (_, row) => {
  let program: Program;
  beforeAll(async () => {
    program = await compiled(row);
  });
  afterAll(() => program.release());

  const proxOf = (z: Float32Array, step: Float32Array, limits: Box | undefined, r: number): Float32Array => {
    const part = (v: Float32Array): Float32Array =>
      v.slice((r * v.length * size) / z.length, ((r + 1) * v.length * size) / z.length);
    const own = limits && { lower: part(limits.lower as Float32Array), upper: part(limits.upper as Float32Array) };
    const steps = part(step);
    return row.penalty.prox(part(z), steps.length === 1 ? steps[0]! : steps, own);
  };

  test.each(row.free ? [1] : [1, size])('agrees with the prox of arrays, with %i steps a row', async (width) => {
    const count = 2000;
    const z = normals(count * size);
    const step = numbers(count * width, () => Math.exp(between(-9, 0.5)));
    const limits = boxOf(count);
    const found = await run(program, z, step, limits);
    for (const [which, flat] of found.entries()) {
      let ties = 0;
      for (let r = 0; r < count; r++) {
        const p = flat.slice(r * size, (r + 1) * size);
        const expected = proxOf(z, step, which === 1 ? limits : undefined, r);
        const own = z.slice(r * size, (r + 1) * size);
        if (expected.every((x, i) => Math.abs(x - p[i]!) <= 1e-6 * Math.abs(own[i]!))) continue;
        // near a tie of two points, or where the minimum is flat
        ties++;
        const steps = step.slice(r * width, (r + 1) * width);
        const least = cost(row, expected, own, steps);
        expect(cost(row, p, own, steps)).toBeLessThanOrEqual(least + 1e-7 * (1 + least));
      }
      expect(ties).toBeLessThanOrEqual(count / 500);
    }
  });

  if (!row.constraint)
    test.each([1e-4, 0.02, 1])('at a step of %f jumps or bends where the prox of arrays does', async (t) => {
      // in the first group, or its first element
      const only = (x: number): Float32Array => Float32Array.of(0, x, 0, 0, 0, 0);
      const prox = (x: number): number => row.penalty.prox(only(x), t)[1]!;
      let [low, high] = [0, 100];
      for (let i = 0; i < 60; i++) {
        const middle = (low + high) / 2;
        if (prox(middle) === 0) low = middle;
        else high = middle;
      }
      for (const x of [low * (1 - 1e-6), high * (1 + 1e-6)]) {
        const [p] = await run(program, only(x), Float32Array.of(t), boxOf(1));
        expect(Math.abs(p![1]! - prox(x))).toBeLessThanOrEqual(1e-6 * x);
        if (low > 0) expect(p![1] === 0).toBe(x < low);
      }
    });

  if (!row.constraint)
    test('with a step of zero moves nothing but into the box', async () => {
      const z = Float32Array.of(0.3, -2e-12, 1e-18, 7, -1e18, 0);
      const limits = { lower: numbers(size, () => -1), upper: numbers(size, () => 2) };
      const [free, boxed] = await run(program, z, Float32Array.of(0), limits);
      for (const [i, x] of z.entries()) {
        expect(Math.abs(free![i]! - x)).toBeLessThanOrEqual(1e-6 * Math.abs(x));
        const inside = Math.min(Math.max(x, -1), 2);
        if (boxed) expect(Math.abs(boxed[i]! - inside)).toBeLessThanOrEqual(1e-6 * Math.abs(inside));
      }
    });

  test('takes NaN to NaN and nothing to -0', async () => {
    const z = Float32Array.of(-0.01, -0.02, 0, 0.01, Number.NaN, -1e-30);
    const limits = { lower: numbers(size, () => -1), upper: numbers(size, () => 2) };
    for (const p of await run(program, z, Float32Array.of(1), limits)) {
      expect(p[4]).toBeNaN();
      expect(p.filter((x) => Object.is(x, -0)).length).toBe(0);
    }
  });
});
