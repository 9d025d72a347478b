import { statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { drift } from '../../src/evaluate/drift.js';
import { latency } from '../../src/evaluate/latency.js';
import { sizes } from '../../src/evaluate/sizes.js';
import { encode } from '../../src/onnx/encode.js';
import { filePayload } from '../../src/tensor/file-payload.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { bigram, temporaryFolder } from '../data/models.js';
import { passing, rows } from './classifiers.js';

const { folder } = temporaryFolder();

describe('drift', () => {
  const samples = rows([
    [3, 4],
    [0, 5],
    [1, -1],
  ]);

  test('of a graph from itself is nothing', async () => {
    expect(await drift(passing(2), passing(2), samples)).toEqual([
      { name: 'logits', maxAbsolute: 0, relative: 0, cosine: 1, agreement: 1 },
    ]);
  });

  test('is measured over all samples', async () => {
    const [found] = await drift(passing(2), passing(2, ['Neg']), samples, { batch: 2 });
    expect(found).toMatchObject({ maxAbsolute: 10, agreement: 0 });
    expect(found?.relative).toBeCloseTo(4, 12);
    expect(found?.cosine).toBeCloseTo(-1, 12);
  });

  test('leaves out what fills a fixed batch', async () => {
    const [found] = await drift(
      passing(2),
      passing(2, ['Relu']),
      rows(
        [
          [1, 1],
          [1, -1],
        ],
        undefined,
        3,
      ),
    );
    expect(found).toEqual({ name: 'logits', maxAbsolute: 1, relative: 0.25, cosine: 3 / Math.sqrt(12), agreement: 1 });
  });

  test('matches outputs by name, else by place, and says when something is not a number', async () => {
    const [a] = await drift(passing(2, ['Identity'], ['x']), passing(2, ['Identity'], ['y']), samples);
    expect(a).toMatchObject({ name: 'x', maxAbsolute: 0 });
    const [b] = await drift(passing(2), passing(2, ['Log']), samples);
    expect(b?.maxAbsolute).toBeNaN();
    await expect(drift(passing(2), passing(2, ['Identity'], ['x', 'y']), samples)).rejects.toThrow(
      "compare: expected the outputs 'logits', got 'x', 'y'; compare models with the same outputs",
    );
  });
});

test('latency is the median and the tail of timed runs', async () => {
  const found = await latency(
    passing(2),
    rows([
      [1, 2],
      [3, 4],
    ]),
    { runs: 7, batch: 2 },
  );
  expect(found).toMatchObject({ runs: 7, batch: 2 });
  expect(found.p50Milliseconds).toBeGreaterThan(0);
  expect(found.p95Milliseconds).toBeGreaterThanOrEqual(found.p50Milliseconds);
});

test('sizes count the file and its external data, as they are and through gzip', async () => {
  const path = join(folder, 'model.onnx');
  const graph = bigram([
    [0, 1],
    [2, 3],
  ]);
  const data = new Uint8Array(16);
  writeFileSync(join(folder, 'model.data'), data);
  const bytes = encode(graph, { external: () => ({ location: 'model.data', offset: 0, length: 16 }) });
  writeFileSync(path, bytes);
  const found = await sizes(path);
  expect(found.files).toEqual([
    { path, bytes: statSync(path).size },
    { path: join(folder, 'model.data'), bytes: 16 },
  ]);
  expect(found.bytes).toBe(bytes.length + 16);
  expect(found.gzipBytes).toBe(gzipSync(bytes, { level: 6 }).length + gzipSync(data, { level: 6 }).length);
});

test('sizes of large files are estimated from pieces, and say so', async () => {
  const [path, place] = [join(folder, 'large.onnx'), join(folder, 'large.data')];
  const bytes = 600 * 2 ** 20;
  writeFileSync(place, '');
  // a hole in a file takes no room and reads as zeros
  truncateSync(place, bytes);
  const graph = bigram([
    [0, 1],
    [2, 3],
  ]);
  const weight = { name: 'large', type: { dtype: 'uint8', shape: [bytes] } } as const;
  const large = { dtype: 'uint8', shape: [bytes], payload: filePayload(place) } as const;
  const whole = { ...graph, initializers: new Map([...graph.initializers, [weight, large]]) };
  const external = (t: Tensor) => (t === large ? { location: 'large.data', offset: 0, length: bytes } : undefined);
  writeFileSync(path, encode(whole, { external }));
  const found = await sizes(path);
  expect(found.isGzipEstimated).toBe(true);
  expect(found.gzipBytes).toBeGreaterThan(bytes / 1100);
  expect(found.gzipBytes).toBeLessThan(bytes / 900);
});
