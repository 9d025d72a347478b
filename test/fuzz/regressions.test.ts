/** Inputs that once did something other than being read or refused: found by the fuzzer, made small, kept. */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadDescriptor } from '../../src/data/descriptor.js';
import { readDocuments } from '../../src/data/documents.js';
import { readers } from '../../src/data/readers/index.js';
import { parquetWithin } from '../../src/data/readers/parquet.js';
import { loadTokenizer } from '../../src/data/tokenizer.js';
import { printable, UserError } from '../../src/errors.js';
import type { FunctionDefinition, Graph, Node, Value } from '../../src/ir/types.js';
import { normalize } from '../../src/onnx/normalize.js';
import { loadNpy } from '../../src/tensor/npy.js';
import { encodeNpz, loadNpz } from '../../src/tensor/npz.js';
import { float32 } from '../../src/tensor/tensor.js';
import { temporaryFolder } from '../data/models.js';
import { endlessParquet } from '../data/readers/endless-parquet.js';

const { write } = temporaryFolder();

const npyWith = (header: string): Buffer =>
  Buffer.concat([
    Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8]),
    Buffer.from(header),
  ]);

describe('one error with a reason', () => {
  test.each<
    [
      name: string,
      file: string,
      content: string | Uint8Array,
      read: (path: string) => unknown,
      message: string | RegExp,
    ]
  >([
    [
      'control characters of a header would reach the terminal',
      'a.npy',
      npyWith("{'descr': '\u001b[31m'}"),
      loadNpy,
      "in the .npy header, got '{'descr': '\\u001b[31m'}'; save it with numpy.save",
    ],
    [
      'a thousand axes make every step through the array a walk over them',
      'b.npy',
      npyWith(`{'descr': '<f4', 'fortran_order': True, 'shape': (${'1, '.repeat(1000)}), }`),
      loadNpy,
      'expected at most 64 axes, got 1000; reshape it and save it again',
    ],
    [
      'entries that share their bytes unfold without end',
      'a.npz',
      overlapping(),
      loadNpz,
      "a.npz: the archive is damaged: 'a.npy' and 'b.npy' overlap; write it again",
    ],
    [
      'a pattern of no known kind was left out with a warning, and the text split in another way',
      'tokenizer.json',
      JSON.stringify({
        model: { type: 'BPE', vocab: { a: 0 }, merges: [] },
        pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'Split', pattern: {}, behavior: 'Isolated' }] },
      }),
      loadTokenizer,
      "'pre_tokenizer.pretokenizers.0.pattern' is neither",
    ],
    [
      'a NUL is no text',
      'a.txt',
      'a\0b',
      (path) => readDocuments([path]),
      'a.txt: expected UTF-8 text, got a NUL at byte 1; convert the file',
    ],
    [
      'bytes that are no UTF-8 became replacement characters in JSON lines',
      'a.jsonl',
      Buffer.from([0x22, 0xff, 0x22, 0x0a]),
      (path) => readDocuments([path]),
      'a.jsonl:1: expected UTF-8 text, got other bytes; convert the file',
    ],
    [
      'a quote inside a cell was an error of the library',
      'a.csv',
      'z"',
      (path) => readers.csv.read([path], {}),
      /^.*a\.csv:1: expected a quote at the start of a cell, got one inside; put the cell into quotes$/,
    ],
    [
      'the package is looked for from an absolute path, but the file is named as given',
      'package.yaml',
      'kind: text\npackage: nobody-has-this\nfiles: a.txt\n',
      loadDescriptor,
      "package.yaml: the package 'nobody-has-this' is not installed; run npm install nobody-has-this",
    ],
    [
      'a name of a file that no system takes',
      'name.yaml',
      `kind: text\nfiles: ${'a'.repeat(3000)}\n`,
      loadDescriptor,
      /^a+ … .*a: cannot be looked up \(ENAMETOOLONG\); check the path$/,
    ],
    [
      'a place that is no number, where the byte read is always the first one',
      'endless.parquet',
      endlessParquet,
      (path) => parquetWithin({ milliseconds: 300, bytes: 2 ** 31, heapMegabytes: 256 }).read([path], {}),
      /endless\.parquet: expected a file that is read within 1 s, got one that takes longer; write the file again/,
    ],
  ])('%s', async (_, name, content, read, message) => {
    const path = write(name, content);
    const error = await Promise.resolve()
      .then(() => read(path))
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).toMatch(message);
  });

  test('a folder in the place of a tokenizer', () => {
    const path = join(dirname(write('x', '')), 'folder.json');
    mkdirSync(path, { recursive: true });
    expect(() => loadTokenizer(path)).toThrow('folder.json: expected a file, got a folder; name a tokenizer.json');
  });
});

describe('what was refused or broke, and should not', () => {
  test('no ids are no text', () => {
    const path = write(
      'empty.json',
      JSON.stringify({ model: { type: 'BPE', vocab: { a: 0 }, merges: [] }, decoder: { type: 'ByteLevel' } }),
    );
    expect(loadTokenizer(path).decode([])).toBe('');
  });

  test('more documents in a file than a call takes arguments', async () => {
    const path = write('many.jsonl', '"a"\n'.repeat(150_000));
    expect(await readDocuments([path])).toHaveLength(150_000);
  });

  test('an op called like something that every object has', () => {
    const graph = graphOf([{ ...node('constructor'), domain: '' }], 23);
    expect(normalize(graph).nodes.map(({ op }) => op)).toEqual(['constructor']);
  });

  test('a message of a million letters is cut, and keeps its advice', () => {
    const message = printable(`where: expected x, got '${'a'.repeat(1e6)}'; take another`);
    expect(message.length).toBeLessThan(2100);
    expect(message).toMatch(/^where: expected x, .*; take another$/);
  });
});

describe('functions that unfold', () => {
  test('each calls the next one twice: forty of them would fill any memory', () => {
    const functions = Array.from({ length: 40 }, (_, i) => definition(`f${i}`, [`f${i + 1}`, `f${i + 1}`]));
    const graph = { ...graphOf([node('f0')]), functions: [...functions, definition('f40', ['Relu'])] };
    expect(() => normalize(graph)).toThrow(
      /^local\.f\d+ '.*': expected at most 100000 nodes in calls, got more; export the model without functions$/,
    );
  });

  test('a chain of thousands', () => {
    const functions = Array.from({ length: 5000 }, (_, i) => definition(`f${i}`, [`f${i + 1}`]));
    const graph = { ...graphOf([node('f0')]), functions: [...functions, definition('f5000', ['Relu'])] };
    expect(() => normalize(graph)).toThrow('expected at most 100 calls inside each other, got more');
  });

  test('a reference to an attribute called like something that every object has is no attribute', () => {
    const inner = {
      ...node('Relu'),
      domain: '',
      attrs: { alpha: { kind: 'reference', value: 'constructor' } as const },
    };
    const graph = { ...graphOf([node('f')]), functions: [{ ...definition('f', []), body: graphOf([inner]) }] };
    expect(() => normalize(graph)).toThrow("refers to an attribute 'constructor' that it does not have");
  });
});

/** Two entries of which the second one's record points at the first one's bytes. */
function overlapping(): Uint8Array {
  const bytes = encodeNpz(
    new Map([
      ['a', float32([1], new Float32Array(1))],
      ['b', float32([1], new Float32Array(1))],
    ]),
  );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records = [...bytes.keys()].filter((at) => at + 4 <= bytes.length && view.getUint32(at, true) === 0x02014b50);
  view.setUint32(records[1]! + 42, view.getUint32(records[0]! + 42, true), true);
  return bytes;
}

const x: Value = { name: 'x', type: { dtype: 'float32', shape: [1] } };
const y: Value = { name: 'y', type: { dtype: 'float32', shape: [1] } };

const node = (op: string, from: Value = x, to: Value = y): Node => ({
  name: '',
  op,
  domain: op.startsWith('f') ? 'local' : '',
  inputs: [from],
  outputs: [to],
  attrs: {},
});

const graphOf = (nodes: readonly Node[], opset = 17): Graph => ({
  name: 'g',
  inputs: [x],
  outputs: [y],
  nodes,
  initializers: new Map(),
  opsets: new Map([
    ['', opset],
    ['local', 1],
  ]),
  functions: [],
});

/** A function whose nodes run one after the other. */
function definition(name: string, ops: readonly string[]): FunctionDefinition {
  const values = [x, ...ops.slice(1).map((_, i): Value => ({ name: `h${i}` })), y];
  const nodes = ops.map((op, i) => node(op, values[i], values[i + 1]));
  return { domain: 'local', name, overload: '', attributes: [], defaults: {}, body: graphOf(nodes) };
}
