/** SparseGPT against exact answers: magnitude, least squares, and its own result whatever the blocks and stacks. */
import { describe, expect, test } from 'vitest';
import { NotPositiveDefinite } from '../../src/linalg/linalg.js';
import { type PruneLayerRequest, pruneLayer, pruners } from '../../src/prune/index.js';
import { columnBlocks } from '../../src/prune/sparsegpt.js';
import { layer, outputError, statisticsOf, zeros } from './layers.js';
import { plainLinalg, solve } from './plain-linalg.js';

const half = { kind: 'unstructured', sparsity: 0.5 } as const;
const sparsegpt = (request: PruneLayerRequest) => pruneLayer(pruners.sparsegpt, request);

test.each([half, { kind: 'n:m', n: 2, m: 4 } as const])(
  'with H = cI it is magnitude and changes nothing else: %o',
  async (pattern) => {
    const request = { ...layer(8, 64), pattern, group: 'matrix' as const };
    const gram = new Float64Array(64 * 64).map((_, i) => (i % 65 === 0 ? 5 : 0));
    const { weight, mask } = await sparsegpt({ ...request, statistics: { gram }, options: { blockSize: 16 } });
    const magnitude = await pruneLayer(pruners.magnitude, request);
    expect(mask).toEqual(magnitude.mask);
    expect(weight).toEqual(magnitude.weight);
  },
);

test('removing the first column alone is least squares', async () => {
  const request = layer(3, 12);
  const gram = request.statistics!.gram!;
  // weights of the first column so small that they go first; one of 12 per row
  for (let r = 0; r < 3; r++) request.weight.data[r * 12]! *= 1e-3;
  const { weight, mask } = await sparsegpt({
    ...request,
    pattern: { ...half, sparsity: 1 / 12 },
    group: 'row',
    options: { damping: 0 },
  });
  const A = Float64Array.from({ length: 121 }, (_, i) => gram[(Math.floor(i / 11) + 1) * 12 + (i % 11) + 1]!);
  for (let r = 0; r < 3; r++) {
    const W = request.weight.data.subarray(r * 12, (r + 1) * 12);
    const b = Float64Array.from({ length: 11 }, (_, i) =>
      W.reduce((sum, w, j) => sum + gram[(i + 1) * 12 + j]! * w, 0),
    );
    expect(mask[r * 12]).toBe(0);
    expect([...weight.subarray(r * 12 + 1, (r + 1) * 12)]).toEqual(
      [...solve(A, 11, b)].map((x) => expect.closeTo(x, 5)),
    );
  }
});

test.each([
  ['n:m', { kind: 'n:m', n: 2, m: 4 }, undefined],
  ['column blocks', { ...half, sparsity: 0.3 }, undefined],
  ['rows', { ...half, sparsity: 0.3 }, 'row'],
  ['the matrix', { ...half, sparsity: 0.3 }, 'matrix'],
] as const)('weights that were zero stay so and go first, by %s', async (_, pattern, group) => {
  const request = layer(16, 96, 1, 400);
  const { data } = request.weight;
  for (let i = 0; i < data.length; i++) if ((i * 7) % 20 < 12) data[i] = 0;
  const { weight, mask, removed } = await sparsegpt({
    ...request,
    pattern,
    ...(group && { group }),
    options: { blockSize: 32 },
  });
  data.forEach((value, i) => {
    if (value === 0) expect([mask[i], Object.is(weight[i], 0)]).toEqual([0, true]);
  });
  const before = zeros(data);
  if (pattern.kind === 'n:m') expect(removed).toBeGreaterThan(before);
  else expect(removed).toBe(before);
});

test('beats the mask alone on the samples it saw', async () => {
  const request = { ...layer(16, 96, 1, 400), pattern: half };
  const { weight, mask } = await sparsegpt(request);
  const masked = request.weight.data.map((w, i) => w * mask[i]!);
  const gram = request.statistics!.gram!;
  expect(outputError(request.weight, weight, gram)).toBeLessThan(0.9 * outputError(request.weight, masked, gram));
});

describe('the width of blocks', () => {
  test('does not matter when the mask is chosen beforehand', async () => {
    const request = { ...layer(6, 50), pattern: half, group: 'matrix' as const };
    const whole = await sparsegpt({ ...request, options: { blockSize: 50 } });
    const cut = await sparsegpt({ ...request, options: { blockSize: 7 } });
    expect(cut.mask).toEqual(whole.mask);
    expect([...cut.weight]).toEqual([...whole.weight].map((x) => expect.closeTo(x, 4)));
  });

  test('does not matter for n:m, which looks only to the left', async () => {
    const request = { ...layer(6, 50), pattern: { kind: 'n:m', n: 2, m: 4 } as const };
    const whole = await sparsegpt({ ...request, options: { blockSize: 50 } });
    const cut = await sparsegpt({ ...request, options: { blockSize: 9 } });
    expect(cut.mask).toEqual(whole.mask);
    expect([...cut.weight]).toEqual([...whole.weight].map((x) => expect.closeTo(x, 4)));
  });

  test('every block loses its fraction by default', async () => {
    const { mask } = await sparsegpt({
      ...layer(6, 50),
      pattern: { ...half, sparsity: 0.3 },
      options: { blockSize: 20 },
    });
    const lost = [0, 0, 0];
    for (const [i, kept] of mask.entries()) lost[Math.floor((i % 50) / 20)]! += 1 - kept;
    expect(lost).toEqual([36, 36, 18]);
  });

  test.each([
    [{ kind: 'n:m', n: 2, m: 3 }, undefined, 20, 8, [6, 12, 20]],
    [{ kind: 'n:m', n: 2, m: 12 }, undefined, 30, 8, [12, 24, 30]],
    [{ kind: 'n:m', n: 2, m: 4 }, 6, 18, 9, [6, 12, 18]],
    [{ kind: 'blocks', rows: 2, columns: 5, sparsity: 0.5 }, undefined, 22, 8, [5, 10, 15, 22]],
    [half, undefined, 20, 8, [8, 16, 20]],
  ] as const)('never cuts a unit of %o', (pattern, segment, columns, width, ends) => {
    const selection = { pattern, group: 'row', rule: 'exact', ...(segment && { segment }) } as const;
    expect(columnBlocks(columns, selection, width).map(([, to]) => to)).toEqual(ends);
  });

  test('must be a whole number', async () => {
    await expect(sparsegpt({ ...layer(2, 4), pattern: half, options: { blockSize: 0 } })).rejects.toThrow(
      'sparsegpt: expected a whole number of columns per block, got 0; 128 is the published one',
    );
  });
});

test('stacks are pruned like layers of their own when rows compete', async () => {
  const both = layer(4, 16, 2);
  const { weight } = await sparsegpt({ ...both, pattern: half, group: 'row', options: { blockSize: 6 } });
  for (const s of [0, 1]) {
    const { weight: alone } = await sparsegpt({
      ...both,
      weight: { stacks: 1, rows: 4, columns: 16, data: both.weight.data.subarray(s * 64, (s + 1) * 64) },
      statistics: { gram: both.statistics!.gram!.subarray(s * 256, (s + 1) * 256) },
      pattern: half,
      group: 'row',
      options: { blockSize: 6 },
    });
    expect(weight.subarray(s * 64, (s + 1) * 64)).toEqual(alone);
  }
});

test('dead inputs go first; kept ones stay, except under the published rule', async () => {
  const request = layer(4, 8);
  const X = Array.from({ length: 30 * 8 }, (_, i) => (i % 8 < 5 ? 0 : Math.sin(i)));
  const options = { ...request, statistics: statisticsOf(X, 30, 8), pattern: half, group: 'row' as const };
  const exact = await sparsegpt(options);
  for (let r = 0; r < 4; r++) expect([...exact.mask.subarray(r * 8, r * 8 + 8)]).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
  expect(exact.weight[4]).toBe(request.weight.data[4]);
  expect(exact.notes).toEqual(['5 of 8 inputs are zero in every calibration sample']);
  const reference = await sparsegpt({ ...options, selection: 'reference' });
  expect(reference.weight[4]).toBe(0);
});

describe('damping', () => {
  const singular = { ...layer(2, 6), statistics: statisticsOf([1, 2, 3, 4, 5, 6], 1, 6), pattern: half };

  test('is raised until a factor exists, and says so', async () => {
    const lines: string[] = [];
    const { notes, weight } = await sparsegpt({
      ...singular,
      options: { damping: 0 },
      log: (line) => lines.push(line),
    });
    expect(notes).toEqual(['damping raised from 0 to 0.001']);
    expect(lines).toEqual(['damping raised from 0 to 0.001']);
    expect(weight.every(Number.isFinite)).toBe(true);
  });

  test('gives up with a reason', async () => {
    const linalg = { ...plainLinalg, inverseFactor: () => Promise.reject(new NotPositiveDefinite(0, -1)) };
    await expect(
      sparsegpt({ ...singular, statistics: statisticsOf([1, 1, 1, 1, 1, 1], 1, 6), linalg }),
    ).rejects.toThrow(
      /^prune 'layer': no damping up to \d+ makes the Gram matrix positive definite; check the calibration data$/,
    );
  });

  test('must not be negative', async () => {
    await expect(sparsegpt({ ...singular, options: { damping: -1 } })).rejects.toThrow(
      'sparsegpt: expected a damping of 0 or more, got -1; 0.01 is the published one',
    );
  });
});

test('a factor is computed once for layers that share a Gram matrix', async () => {
  let calls = 0;
  const linalg = {
    ...plainLinalg,
    inverseFactor<T extends Float32Array | Float64Array>(a: T, n: number) {
      calls++;
      return plainLinalg.inverseFactor(a, n);
    },
  };
  const request = { ...layer(4, 8), linalg, pattern: half };
  await sparsegpt(request);
  await sparsegpt({ ...request, layer: 'sibling' });
  expect(calls).toBe(1);
  await sparsegpt({ ...request, options: { damping: 0.1 } });
  expect(calls).toBe(2);
});

test('stops between blocks when asked to', async () => {
  const signal = AbortSignal.abort();
  await expect(sparsegpt({ ...layer(2, 8), pattern: half, signal })).rejects.toThrow(/abort/i);
});

test('needs linear algebra', async () => {
  const { linalg: _, ...request } = layer(2, 8);
  await expect(sparsegpt({ ...request, pattern: half })).rejects.toThrow(
    "prune 'layer': sparsegpt expected linear algebra, got none; pass `linalg`",
  );
});

test('all inputs dead: the first go and nothing else changes', async () => {
  const request = layer(2, 8);
  const { weight } = await sparsegpt({
    ...request,
    statistics: { gram: new Float64Array(64) },
    pattern: half,
    group: 'row',
  });
  expect(zeros(weight)).toBe(8);
  expect(weight.subarray(4, 8)).toEqual(request.weight.data.subarray(4, 8));
});
