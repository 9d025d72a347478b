/** Feeds in a file come back as they were. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readFeeds, writeFeeds } from '../../src/runtime/kept-feeds.js';
import { float32, int64, memoryPayload, type Tensor } from '../../src/tensor/tensor.js';

test('numbers and texts, by the name of the input', () => {
  const folder = mkdtempSync(join(tmpdir(), 'scalpel-feeds-'));
  const strings = ['a', 'ü'].map((text) => new TextEncoder().encode(text));
  const texts: Tensor = { dtype: 'string', shape: [2], payload: memoryPayload(new Uint8Array()), strings };
  const fed = [
    ['x', float32([2, 2], Float32Array.of(1, Number.NaN, -0, 4))],
    ['ids', int64([3], [1, 2, 3])],
    ['none', float32([0, 4], new Float32Array(0))],
    ['texts', texts],
  ] as const;
  try {
    writeFeeds(join(folder, 'fed'), new Map(fed.map(([name, tensor]) => [{ name }, tensor])));
    const read = readFeeds(join(folder, 'fed'));
    expect([...read.keys()]).toEqual(fed.map(([name]) => name));
    for (const [name, { dtype, shape, payload, strings: given }] of fed) {
      const found = read.get(name)!;
      expect([found.dtype, found.shape]).toEqual([dtype, shape]);
      expect(Buffer.from(found.payload.read())).toEqual(Buffer.from(payload.read()));
      expect(found.strings?.map((bytes) => Buffer.from(bytes).toString())).toEqual(
        given?.map((bytes) => Buffer.from(bytes).toString()),
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
