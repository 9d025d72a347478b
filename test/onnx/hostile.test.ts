import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import type { Model } from '../../src/ir/types.js';
import { load, loadBytes } from '../../src/onnx/load.js';
import { save } from '../../src/onnx/save.js';
import { mulberry32 } from '../helpers/non-canonical.js';
import { temporaryFolder } from '../helpers/onnx-files.js';
import { encodeModel, everything } from '../helpers/onnx-models.js';
import { plainModel } from '../helpers/plain.js';
import { concat, varint } from '../helpers/wire.js';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

/** Loads and reads everything; null, or what was thrown. */
function failure(bytes: Uint8Array): unknown {
  try {
    plainModel(loadBytes(bytes));
    return null;
  } catch (error) {
    return error;
  }
}

const field = (number: number, payload: Uint8Array): Uint8Array =>
  concat(varint(number * 8 + 2), varint(payload.length), payload);
const graph = (...records: Uint8Array[]): Uint8Array => field(7, concat(...records));
const tensor = (fields: object): Uint8Array => encodeModel({ graph: { initializer: [{ name: 't', ...fields }] } });
const sparse = (fields: object): Uint8Array => encodeModel({ graph: { sparseInitializer: [fields] } });
const nested = (depth: number): Uint8Array => {
  let inner: Uint8Array = new Uint8Array();
  for (let i = 0; i < depth; i++) inner = field(1, field(5, concat(field(6, inner), Uint8Array.of(0xa0, 1, 5))));
  return field(7, inner);
};
const nestedType = (depth: number): Uint8Array => {
  let inner: Uint8Array = new Uint8Array();
  for (let i = 0; i < depth; i++) inner = field(4, field(1, inner));
  return graph(field(11, field(2, inner)));
};
const groups = (depth: number): Uint8Array =>
  concat(graph(), new Uint8Array(depth).fill(0x0b), new Uint8Array(depth).fill(0x0c));

const values = (size: bigint) => ({ name: 's', dims: [size], dataType: 1, rawData: new Uint8Array(4 * Number(size)) });
const indices = (...list: bigint[]) => ({ dims: [BigInt(list.length)], dataType: 7, int64Data: list });

describe('damaged files are refused with a reason', () => {
  test.each<[name: string, bytes: Uint8Array, message: string | RegExp]>([
    ['empty', new Uint8Array(), 'model: expected an ONNX model with a graph, found none'],
    [
      'text',
      Buffer.from('# Read me\n\nThis is no model.'),
      /^model: expected .* at byte \d+, got .*; the file is damaged or no ONNX model$/,
    ],
    ['PNG', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), 'the file is damaged or no ONNX model'],
    ['field number 0', Uint8Array.of(0x02, 0), 'model: expected a field number from 1 to 536870911 at byte 0, got 0'],
    ['wire type 6', Uint8Array.of(0x3e, 0), 'model: expected a wire type 0, 1, 2, 3 or 5 at byte 0, got 6'],
    ['wire type 4 alone', Uint8Array.of(0x3c), 'got 4'],
    [
      'a length beyond the file',
      Uint8Array.of(0x3a, 0x05, 0x0a),
      'model: expected field 7 to end by byte 3 at byte 0, got a length that ends at 7',
    ],
    [
      'a length beyond its message',
      graph(Uint8Array.of(0x2a, 0x7f)),
      /to end by byte 4 at byte 2, got a length that ends at 131/,
    ],
    ['a length near 2^35', Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0x7f), 'got a length that ends at'],
    [
      'an endless length',
      Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1),
      'expected a number of at most 5 bytes',
    ],
    ['an endless tag', new Uint8Array(20).fill(0xff), 'expected a number of at most 5 bytes'],
    [
      'an endless value',
      concat(Uint8Array.of(8), new Uint8Array(20).fill(0xff)),
      'expected a number of at most 10 bytes',
    ],
    ['an open group', Uint8Array.of(0x0b, 0x08, 0x01), 'expected the end of group 1 at byte 1, got none'],
    ['groups closed crosswise', Uint8Array.of(0x0b, 0x13, 0x0c, 0x14), 'expected the end of the innermost group'],
    ['graphs inside each other', nested(40), 'model: expected at most 32 graphs inside each other, got more'],
    ['types inside each other', nestedType(200), /expected a ValueInfoProto at byte \d+, got damaged bytes/],
    [
      'too little raw data',
      tensor({ dims: [4n], dataType: 1, rawData: new Uint8Array(12) }),
      "model: tensor 't': expected 16 bytes (32 bits an element) for float32[4], got 12 bytes of raw data; the file is damaged",
    ],
    ['too little float data', tensor({ dims: [4n], dataType: 1, floatData: [1, 2] }), 'for float32[4], got 2 values'],
    ['no data', tensor({ dims: [4n], dataType: 7 }), 'for int64[4], got no data'],
    [
      'too few varints',
      tensor({ dims: [4n], dataType: 7, int64Data: [1n, 2n] }),
      "tensor 't': expected 4 values for its shape (int64), got at most 2",
    ],
    [
      'too many varints',
      tensor({ dims: [1n], dataType: 7, int64Data: [1n, 2n] }),
      'expected 1 values for its shape (int64), got more',
    ],
    [
      'too few strings',
      tensor({ dims: [2n], dataType: 8, stringData: [new Uint8Array()] }),
      'expected 2 strings for shape [2], got 1',
    ],
    [
      'a negative size',
      tensor({ dims: [-1n], dataType: 1 }),
      'expected sizes of at least 0 that fit a file, got shape [-1]',
    ],
    [
      'a size beyond any file',
      tensor({ dims: [1n << 40n, 1n << 40n], dataType: 1 }),
      'expected sizes of at least 0 that fit a file',
    ],
    [
      'a lying size',
      tensor({ dims: [1n << 39n], dataType: 7, int64Data: [1n] }),
      'expected 549755813888 values for its shape (int64), got at most 1',
    ],
    [
      'an element type from the future',
      tensor({ dims: [1n], dataType: 77 }),
      "tensor 't': element type 77 is not known; known are 1 to 26",
    ],
    [
      'a segment',
      tensor({ dims: [1n], dataType: 1, segment: { begin: 0n, end: 1n }, floatData: [1] }),
      'tensors in segments cannot be read',
    ],
    [
      'a sparse index outside',
      sparse({ dims: [4n], values: values(1n), indices: indices(4n) }),
      "sparse tensor 's': expected an index below 4, got 4",
    ],
    [
      'a negative sparse index',
      sparse({ dims: [4n], values: values(1n), indices: indices(-1n) }),
      'expected an index below 4, got -1',
    ],
    [
      'fewer indices than values',
      sparse({ dims: [4n], values: values(2n), indices: indices(1n) }),
      'expected indices [2] or [2, 1], got [1]',
    ],
    [
      'a sparse tensor of terabytes',
      sparse({ dims: [1n << 40n], values: values(1n), indices: indices(1n) }),
      /expected at most 67108864 bytes once dense, got shape \[1099511627776\]; store it dense$/,
    ],
  ])('%s', (_, bytes, message) => {
    const error = failure(bytes);
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).toMatch(message);
  });

  test('a missing file, a folder', () => {
    expect(() => load(join(folder, 'none.onnx'))).toThrow(/none.onnx: no such file; check the path/);
    mkdirSync(join(folder, 'dir.onnx'));
    expect(() => load(join(folder, 'dir.onnx'))).toThrow(/dir.onnx: expected a file, got a folder/);
  });

  test('a million open groups cost no stack', () => {
    expect(failure(groups(1_000_000))).toBeNull();
    expect(failure(groups(1_000_000).subarray(0, 1_500_000))).toBeInstanceOf(UserError);
  });
});

describe('whatever the bytes, the answer is a model or a UserError', () => {
  const whole = everything();
  const acceptable = (bytes: Uint8Array): boolean => {
    const error = failure(bytes);
    if (error === null || error instanceof UserError) return true;
    throw error;
  };

  test('cut at every byte', () => {
    let models = 0;
    for (let length = 0; length < whole.length; length++) {
      const bytes = whole.subarray(0, length);
      expect(acceptable(bytes)).toBe(true);
      if (failure(bytes) === null) models++;
    }
    // only the few cuts between the fields of the model itself leave a model
    expect(models).toBeLessThan(10);
  });

  test('every byte changed', () => {
    const random = mulberry32(5);
    for (let at = 0; at < whole.length; at++) {
      const bytes = whole.slice();
      bytes[at] = Math.floor(random() * 256);
      expect(acceptable(bytes)).toBe(true);
    }
  });

  test('and what loads can be saved as it was', async () => {
    const random = mulberry32(6);
    const [from, to] = [join(folder, 'from.onnx'), join(folder, 'to.onnx')];
    for (let round = 0; round < 300; round++) {
      const bytes = whole.slice();
      for (let i = 0; i < 3; i++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      writeFileSync(from, bytes);
      let model: Model;
      try {
        model = load(from);
      } catch {
        continue;
      }
      await save(model, to, { force: true });
      expect(Buffer.compare(readFileSync(to), bytes)).toBe(0);
    }
  });
});
