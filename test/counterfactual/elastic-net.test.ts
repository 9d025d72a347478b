/** CEM and CFProto on linear classifiers, where the least change by l1 and l2 in a box is known exactly. */
import { describe, expect, test } from 'vitest';
import { explainerNamed } from '../../src/counterfactual/catalogue.js';
import type { Finding } from '../../src/counterfactual/finding.js';
import { type End, embedded } from '../../src/counterfactual/ground/embedded.js';
import { type GroundOptions, openGround } from '../../src/counterfactual/ground/ground.js';
import { runExplainer } from '../../src/counterfactual/run.js';
import { type PrototypeKind, prototypes } from '../../src/counterfactual/search/prototypes.js';
import { settledFor } from '../../src/counterfactual/settled.js';
import type { Samples } from '../../src/data/samples.js';
import { neighbours } from '../../src/density/index.js';
import { scalingOf } from '../../src/oracle/bounds.js';
import { observedIn, readSchema, violations } from '../../src/schema/index.js';
import { type GivenOptions, settle } from '../../src/settings/index.js';
import { float32 } from '../../src/tensor/tensor.js';
import {
  affine,
  costOf,
  count,
  graph,
  input,
  least,
  opened,
  rich,
  rowOf,
  samples,
  scoreOf,
  size,
  w,
  x,
} from './two-sides.js';

async function explained(name: string, given: GivenOptions, options: GroundOptions = {}): Promise<Finding[]> {
  const ground = await opened(options);
  const method = explainerNamed(name);
  const settled = settledFor(method, given, ground);
  try {
    return await runExplainer(method, settled, ground, { batch: count });
  } finally {
    await ground.release();
  }
}

/** What each element may move to bring the score to the other side. */
const roomOf = (row: Float32Array, isAway: boolean): number[] =>
  w.map((weight, i) => {
    const isUp = weight > 0 === scoreOf(row) < 0;
    return isUp ? 1 - row[i]! : isAway ? 0 : row[i]!;
  });

test.each([
  ['cem', { base: 'none', ...rich }, 0.9, false],
  ['cem', { base: 'zero', beta: 0.2, ...rich }, 0.2, true],
  ['cfproto', { theta: 0, ...rich }, 0.1, false],
] as const)(
  '%s %j comes near to the least elastic net, and finds all that can be reached',
  async (name, given, beta, isAway) => {
    const found = await explained(name, given);
    const exact = found.map(({ id }) => least(beta, Math.abs(scoreOf(rowOf(id))), roomOf(rowOf(id), isAway)));
    expect(found.map(({ success }) => success)).toEqual(exact.map((moves) => moves !== undefined));
    found.forEach(({ id, counterfactual, changed }, i) => {
      const moves = exact[i];
      const change = counterfactual.map((value, j) => value - rowOf(id)[j]!);
      // what is not needed is as it was, to the bit
      expect(changed).toEqual([...change.keys()].filter((j) => change[j] !== 0));
      if (!moves) return;
      expect(costOf(beta, change)).toBeGreaterThan(0.999 * costOf(beta, moves));
      expect(costOf(beta, change)).toBeLessThan(1.05 * costOf(beta, moves) + 1e-3);
      if (isAway) expect(Math.min(...change)).toBeGreaterThanOrEqual(0);
    });
    expect(found.some(({ success, changed }) => success && changed.length < size)).toBe(true);
  },
);

test('a pertinent negative keeps away from the median too, also where whole numbers are rounded; categories are free', async () => {
  const text = `
features:
  - {name: a, type: integer, range: [0, 1], step: 1}
  - {name: kind, type: categorical, columns: {left: c, right: f}}
`;
  const rows = x.map((value, at) => {
    const j = at % size;
    return j === 0 ? Math.round(value) : j === 2 ? Number(value > 0.5) : j === 5 ? Number(x[at - 3]! <= 0.5) : value;
  });
  const whole: Samples = {
    ...samples,
    batch: (from, to) => new Map([[input, float32([to - from, size], rows.subarray(from * size, to * size))]]),
  };
  const ground = await openGround(
    graph,
    whole,
    { goal: { kind: 'other' } },
    { batch: count, threads: 1 },
    {
      reference: whole,
      schema: ({ rows: [own] }) => readSchema(text, 'schema', [...'abcdef'], observedIn(own!, size)),
    },
  );
  const cem = explainerNamed('cem');
  const settled = settle(cem, { base: 'median', beta: 0.1, steps: 100 });
  const found = (await runExplainer(cem, settled, ground, { batch: count })).filter(({ success }) => success);
  const columns = (j: number): Float32Array => rows.filter((_, at) => at % size === j).sort();
  for (const { id, counterfactual } of found) {
    const row = rows.subarray(id * size, (id + 1) * size);
    expect(violations(ground.features.schema!, row, counterfactual)).toEqual([]);
    for (const j of [0, 1, 3, 4]) {
      const own = columns(j);
      const median = (own[count / 2 - 1]! + own[count / 2]!) / 2;
      const way = counterfactual[j]! - row[j]!;
      expect(way === 0 || row[j] === median || way > 0 === row[j]! > median).toBe(true);
    }
  }
  expect(found.some(({ id, counterfactual }) => counterfactual[2] !== rows[id * size + 2])).toBe(true);
  expect(found.some(({ id, counterfactual }) => counterfactual[1] !== rows[id * size + 1])).toBe(true);
  await ground.release();
});

describe('prototypes', () => {
  const distances = (found: readonly Finding[], from: (target: number) => readonly number[]): number =>
    found.reduce(
      (sum, { target, counterfactual }) =>
        sum + Math.hypot(...counterfactual.map((value, i) => value - from(target)[i]!)),
      0,
    );
  const meanOf = (target: number): number[] => {
    const ids = Array.from({ length: count }, (_, id) => id).filter((id) => scoreOf(rowOf(id)) > 0 === (target === 0));
    return w.map((_, i) => ids.reduce((sum, id) => sum + rowOf(id)[i]! / ids.length, 0));
  };

  test('draw counterfactuals nearer, the more the heavier they are', async () => {
    const given = { prototype: 'mean', neighbours: 0, steps: 100, rounds: 6 };
    const found = [];
    for (const theta of [0, 1, 100]) found.push(await explained('cfproto', { ...given, theta }));
    const [none, light, heavy] = found.map((each) => distances(each, meanOf));
    expect(light).toBeLessThan(none!);
    expect(heavy).toBeLessThan(light!);
  });

  test('of an encoder are means of encodings: through a turn they are those of the examples', async () => {
    // the first two numbers are exchanged, and all are doubled
    const turn = w.flatMap((_, i) => w.map((__, j) => (j === (i < 2 ? 1 - i : i) ? 2 : 0)));
    const companions: GroundOptions['companions'] = (network, bounds) => ({
      encoder: embedded('encoder', affine(turn, Array(size).fill(0.3)), {
        from: { kind: 'examples', network, scaling: scalingOf(bounds, [0, 1]) },
        to: { kind: 'latent' },
      }),
    });
    const given = { steps: 60, rounds: 5 };
    const encoded = await explained('cfproto', { prototype: 'encoder', theta: 1, ...given }, { companions });
    const plain = await explained('cfproto', { prototype: 'mean', neighbours: 0, theta: 4, ...given });
    encoded.forEach(({ counterfactual }, i) => {
      counterfactual.forEach((value, j) => {
        expect(value).toBeCloseTo(plain[i]!.counterfactual[j]!, 3);
      });
    });
  });

  test('are the k-th nearest example, or the mean of the k nearest', () => {
    const examples = Float32Array.of(0, 0, 1, 0, 3, 0, 9, 9);
    const tree = neighbours(examples, 2);
    const query = Float32Array.of(0.1, 0, 8, 8);
    const of = (kind: PrototypeKind, many: number): number[] => [
      ...prototypes(tree, examples, query, { neighbours: many, kind }),
    ];
    expect(of('nearest', 1)).toEqual([0, 0, 9, 9]);
    expect(of('nearest', 2)).toEqual([1, 0, 3, 0]);
    expect(of('mean', 2)).toEqual([0.5, 0, 6, 4.5]);
    expect(of('mean', Number.POSITIVE_INFINITY)).toEqual([3.25, 2.25, 3.25, 2.25]);
  });
});

test.each([
  ['cem', { base: 'median' }, 'reference'],
  ['cem', { gamma: 1 }, 'autoencoder'],
  ['cfproto', { prototype: 'encoder' }, 'encoder'],
] as const)('%s %j without what it needs says so', async (name, given, need) => {
  const reference = need === 'reference' ? undefined : samples;
  await expect(explained(name, given, { reference })).rejects.toThrow(
    `explain: ${name} expected a ${need}, got none; give one, or set the method otherwise`,
  );
});

test('the error of an autoencoder draws counterfactuals to what it makes again', async () => {
  // it makes the first number 0 and keeps the rest
  const flat = w.flatMap((_, i) => w.map((__, j) => Number(i === j && i > 0)));
  const companions: GroundOptions['companions'] = (network, bounds) => {
    const examples: End = { kind: 'examples', network, scaling: scalingOf(bounds, [0, 1]) };
    return {
      autoencoder: embedded('autoencoder', affine(flat, Array(size).fill(0)), { from: examples, to: examples }),
    };
  };
  const first = async (gamma: number): Promise<number> => {
    const found = await explained('cem', { base: 'none', gamma }, { companions });
    return found.reduce((sum, { counterfactual }) => sum + counterfactual[0]!, 0);
  };
  expect(await first(5)).toBeLessThan((await first(0)) - 0.1);
});
