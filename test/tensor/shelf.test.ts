import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { floatsOf } from '../../src/tensor/convert.js';
import { random } from '../../src/tensor/random.js';
import { Shelf } from '../../src/tensor/shelf.js';
import { dataOf, float32, int64 } from '../../src/tensor/tensor.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shelf-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const numbers = (count: number) => float32([count], random(0, 'shelf').normals(count));
const filesIn = (path: string): number => (existsSync(path) ? readdirSync(path).length : 0);

describe('Shelf', () => {
  it.each([
    ['memory alone', () => new Shelf(), 0],
    ['files alone', () => new Shelf({ folder }), 3],
    ['files past a budget of one tensor', () => new Shelf({ folder, memory: 400 }), 2],
  ])('gives back what was put: %s', (_, make, files) => {
    const shelf = make();
    const tensors = [numbers(100), numbers(100), int64([2], [1, 2])];
    const kept = tensors.map((t) => shelf.put(t));
    expect(filesIn(folder)).toBe(files);
    for (const [i, each] of kept.entries()) {
      expect(each.read()).toMatchObject({ dtype: tensors[i]!.dtype, shape: tensors[i]!.shape });
      expect(dataOf(each.read())).toEqual(dataOf(tensors[i]!));
    }
    for (const each of kept) each.drop();
    expect(filesIn(folder)).toBe(0);
    expect(shelf.bytesWritten).toBe(files === 0 ? 0 : files === 3 ? 816 : 416);
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

  it('refuses to read what was dropped', () => {
    const kept = new Shelf().put(numbers(1));
    kept.drop();
    expect(() => kept.read()).toThrow(/dropped/);
  });
});
