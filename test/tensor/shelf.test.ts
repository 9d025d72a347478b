import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { floatsOf } from '../../src/tensor/convert.js';
import { random } from '../../src/tensor/random.js';
import { type Kept, Shelf } from '../../src/tensor/shelf.js';
import { dataOf, float32, int64, type Tensor } from '../../src/tensor/tensor.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shelf-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const numbers = (count: number) => float32([count], random(0, 'shelf').normals(count));
setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const isSame = (a: Tensor, b: Tensor): boolean => Buffer.compare(a.payload.read(), b.payload.read()) === 0;
const filesIn = (path: string): number => (existsSync(path) ? readdirSync(path).length : 0);

describe('Shelf', () => {
  it.each([
    ['memory alone', () => new Shelf(), 0],
    ['files alone', () => new Shelf({ folder }), 816],
    ['files past a budget of one tensor', () => new Shelf({ folder, memory: 400 }), 416],
  ])('gives back what was put: %s', (_, make, bytes) => {
    const shelf = make();
    const tensors = [numbers(100), numbers(100), int64([2], [1, 2])];
    const kept = tensors.map((t) => shelf.put(t));
    expect(filesIn(folder)).toBe(bytes === 0 ? 0 : 1);
    for (const [i, each] of kept.entries()) {
      expect(each.read()).toMatchObject({ dtype: tensors[i]!.dtype, shape: tensors[i]!.shape });
      expect(dataOf(each.read())).toEqual(dataOf(tensors[i]!));
    }
    for (const each of kept) each.drop();
    expect(filesIn(folder)).toBe(0);
    expect(shelf.bytesWritten).toBe(bytes);
  });

  it('reuses the memory of what was dropped', () => {
    const shelf = new Shelf({ folder, memory: 400 });
    shelf.put(numbers(100)).drop();
    shelf.put(numbers(100));
    expect(filesIn(folder)).toBe(0);
  });

  it('rounds to float16 wherever a tensor is put, and leaves alone what float16 cannot hold', () => {
    const large = float32([2], Float32Array.of(1, 1e6));
    const fine = float32([2], Float32Array.of(0.1, -2));
    for (const options of [{}, { folder }]) {
      const shelf = new Shelf({ ...options, precision: 'float16' });
      expect([...floatsOf(shelf.put(fine).read())]).toEqual([0.0999755859375, -2]);
      expect([...floatsOf(shelf.put(large).read())]).toEqual([1, 1e6]);
    }
  });

  it('shares files within a row, full ones aside, and removes each with the last tensor in it', () => {
    const shelf = new Shelf({ folder });
    const large = float32(
      [2 ** 21],
      new Float32Array(2 ** 21).map((_, i) => i),
    );
    const [a, b] = ['a', 'b'].map((row) => Array.from({ length: 3 }, () => shelf.put(large, row)));
    expect(filesIn(folder)).toBe(4);
    for (const each of [a![0]!, a![1]!]) each.drop();
    expect(filesIn(folder)).toBe(3);
    expect(isSame(a![2]!.read(), large)).toBe(true);
    // dropped once more: nothing else goes with it
    for (const each of [a![0]!, ...a!, b![0]!, b![2]!]) each.drop();
    expect(filesIn(folder)).toBe(1);
    expect(isSame(b![1]!.read(), large)).toBe(true);
    const next = shelf.put(numbers(1), 'a');
    expect(filesIn(folder)).toBe(2);
    for (const each of [...b!, next]) each.drop();
    expect(filesIn(folder)).toBe(0);
  });

  it('does not keep in memory what went to a file', async () => {
    const shelf = new Shelf({ folder });
    const put = (): { kept: Kept; bytes: WeakRef<ArrayBufferLike> } => {
      const data = new Float32Array(1000).fill(1);
      return { kept: shelf.put(float32([1000], data)), bytes: new WeakRef(data.buffer) };
    };
    const { kept, bytes } = put();
    // a weak reference is strong until the turn that made it ends
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    expect(bytes.deref()).toBeUndefined();
    expect(floatsOf(kept.read())[999]).toBe(1);
  });

  it.each([['memory'], ['files']])('refuses to read what was dropped: %s', (where) => {
    const kept = new Shelf(where === 'files' ? { folder } : {}).put(numbers(1));
    kept.drop();
    expect(() => kept.read()).toThrow('a tensor was read after it was dropped from the shelf');
  });
});
