/** Mistaken attacks: each command line with its exit code and the whole of its message. */
import { writeFileSync } from 'node:fs';
import { beforeAll, describe, test } from 'vitest';
import type { Graph, Value } from '../../src/ir/types.js';
import { encode } from '../../src/onnx/encode.js';
import { encodeNpy } from '../../src/tensor/npy.js';
import { encodeNpz } from '../../src/tensor/npz.js';
import { float32, int64, tensor } from '../../src/tensor/tensor.js';
import { graphOf, node, typed } from '../helpers/graphs.js';
import { check, inMistakeFolder, type Row } from './mistake-check.js';

inMistakeFolder();

/** x [batch, 4] by a weight [4, 3] whose first class wins for ones; labels as given. */
const samples = (values: readonly number[], labels: readonly number[]) =>
  encodeNpz(
    new Map([
      ['x', float32([labels.length, 4], Float32Array.from(values))],
      ['labels', int64([labels.length], [...labels])],
    ]),
  );

const chain = (
  ops: readonly (readonly [string, Record<string, number>?])[],
  shape: readonly (string | number)[],
): Graph => {
  const x = typed('x', ['batch', 4]);
  const values: Value[] = ops.map(([op], i) =>
    i === ops.length - 1 ? typed('y', shape) : typed(`${op}${i}`, ['batch', 4]),
  );
  const nodes = ops.map(([op, attributes], i) =>
    node(op, [i === 0 ? x : values[i - 1]!], [values[i]!], attributes ?? {}),
  );
  return graphOf({ inputs: [x], outputs: [values.at(-1)!], nodes });
};

beforeAll(() => {
  writeFileSync('good.npz', samples([1, 2, 3, 4, 4, 3, 2, 1], [2, 2]));
  writeFileSync('wrong.npz', samples([1, 2, 3, 4, 4, 3, 2, 1], [0, 0]));
  writeFileSync('beyond.npz', samples([1, 2, 3, 4, 4, 3, 2, 1], [2, 9]));
  writeFileSync('flat.npz', samples([1, 1, 1, 1, 1, 1, 1, 1], [2, 2]));
  writeFileSync('zeros.npy', encodeNpy(tensor('uint8', [4], new Uint8Array(4))));
  writeFileSync('five.npy', encodeNpy(tensor('uint8', [5], new Uint8Array(5).fill(1))));
  writeFileSync('scalar.onnx', encode(chain([['ReduceSum', { keepdims: 0 }]], [])));
});

const attack = (rest: string): string => `attack net.onnx --data good.npz -o out --provider cpu ${rest}`;

describe('words', () => {
  test.each<Row>([
    ['attack net.onnx --data good.npz', 2, /^attack: expected --attack or --suite, got neither; attacks are gse/],
    [attack('--attack gsee'), 2, /^attack: --attack expected one of gse, .*, got 'gsee'; did you mean gse\?$/],
    [
      'attack net.onnx --data good.npz --attack gse',
      2,
      'attack: expected --output, got nothing; name a folder, or add --dry-run',
    ],
    [attack('--suite dense'), 2, "attack: --suite expected sparse, group, linf, l2, l1 or all, got 'dense'"],
    [
      attack('--attack gse --set stps=3'),
      2,
      /^attack: --set expected an option of gse \(.*\), got 'stps'; did you mean steps\?$/,
    ],
    [
      attack('--attack gse --set pgd.eps=3'),
      2,
      "attack: --set expected a name among gse, got 'pgd'; name it with --attack",
    ],
    [attack('--attack gse --set steps=0.5'), 2, "gse: steps: expected a whole number of at least 1, got '0.5'"],
    [attack('--attack gse --set momentum=none'), 2, "gse: momentum: expected averaging or extrapolation, got 'none'"],
    [attack('--attack gse --targeted 3'), 2, "--targeted: expected a label below 3, the model's classes, got 3"],
    [
      attack('--attack gse --targeted +3'),
      2,
      '--targeted: expected an offset that is no multiple of the 3 classes, got 3',
    ],
    [
      attack('--attack gse --targeted best'),
      2,
      "attack: --targeted expected a label such as 3, an offset such as +1, least-likely or all, got 'best'",
    ],
    [
      attack('--attack gse --targeted all 1'),
      2,
      "attack: --targeted expected 'all' alone, got others beside it; leave one out",
    ],
    [attack('--attack gse --bounds 1'), 2, "attack: --bounds expected two numbers LOW,HIGH, got '1'"],
    [attack('--attack gse --bounds 2,1'), 2, 'bounds: expected finite numbers, the lower first, got 2,1; turn them'],
    [
      attack('--attack gse --bounds -1,-2'),
      2,
      'bounds: expected finite numbers, the lower first, got -1,-2; turn them',
    ],
    [attack('--attack gse --bounds 1,1'), 2, 'bounds: expected room between the bounds, got none; widen them'],
    [
      attack('--attack gse --bounds 0,1 0,2'),
      2,
      'bounds: expected 1 pair of numbers or 4, one an element, got 2; give as many',
    ],
    [attack('--attack gse --chunk 3/2'), 2, "attack: --chunk expected PART/PARTS such as 1/4, got '3/2'"],
    [
      attack('--attack gse --chunk 3/3'),
      2,
      '--chunk: expected at most 2 parts, as many as there are samples, got 3; take fewer',
    ],
    [
      attack('--attack gse --space cube'),
      2,
      "attack: --space expected image, series, features or tokens, or CHANNELSxHEIGHTxWIDTH, got 'cube'",
    ],
    [
      attack('--attack gse --space 1x2x3'),
      2,
      '--space: expected sizes of 4 values, which the input has, got 1x2x3; correct them',
    ],
    [
      attack('--attack gse --space image'),
      2,
      'model: expected an input that can be an image, got one of shape [?, 4]; choose another --space',
    ],
    [attack('--attack gse --input y'), 2, "--input: expected an input of the model, got 'y'; it has 'x' float32"],
    [attack('--attack gse --at y'), 2, "--at: expected a value of the graph, got 'y'; see scalpel inspect"],
    [
      attack('--attack gse --at x --input x'),
      2,
      'attack: --at expected no --input, which it stands for; leave one out',
    ],
    [attack('--attack gse --scores q'), 2, "scores: expected a value of the graph, got 'q'; see scalpel inspect"],
    [
      'merge nowhere -o out',
      2,
      'nowhere/report.json: expected the report of an attack run, found none; name output folders of scalpel attack',
    ],
    ['merge a --with b -o a', 2, "merge: --output expected another folder than the parts, got 'a'; name another"],
  ])('scalpel %s', check);
});

describe('data and models', () => {
  test.each<Row>([
    [
      'attack net.onnx --data beyond.npz --attack gse -o out --provider cpu',
      2,
      "attack: expected labels below 3, the model's classes, got 9 for sample 1; choose other data or another --scores",
    ],
    [
      'attack net.onnx --data wrong.npz --attack gse -o out --provider cpu',
      2,
      'attack: expected a sample that the model gets right, got none among 2; check labels, preprocessing and --scores with scalpel eval',
    ],
    [
      attack('--attack gse --bounds 0,3'),
      2,
      'bounds: expected inputs in [0, 3] (as given), got 4 in sample 0, element 3; widen them with --bounds',
    ],
    ['attack net.onnx --data nan-labelled.npz --attack gse -o out --provider cpu', 2, /nan-labelled\.npz.*NaN/],
    [
      'attack nan.onnx --data good.npz --attack gse -o out --provider cpu',
      2,
      'model: expected numbers from the model, got NaN on the data; look for NaN or overflow in both',
    ],
    ['attack net.onnx --data none.npz --attack gse -o out --provider cpu', 2, /none\.npz: expected samples, got none/],
    ['attack custom.onnx --data good.npz --attack gse -o out --provider cpu', 3, /Frobnicate/],
    [
      'attack scalar.onnx --data good.npz --attack gse -o out --provider cpu',
      3,
      "model: expected scores of each sample from 'y', got shape [] for 2 samples; name another value with --scores",
    ],
    [
      'attack GPT --data long.txt --attack gse -o out --provider cpu',
      3,
      "model: expected an input of floats, got 'input_ids' int64; name a value inside that can be moved, such as the embeddings, with --at",
    ],
    ['attack cut.onnx --data good.npz --attack gse -o out', 2, /^cut\.onnx/],
    [
      attack('--attack gse --mask zeros.npy'),
      2,
      'zeros.npy: expected a mask with something other than 0, got zeros; mark what may change',
    ],
    [
      attack('--attack gse --mask five.npy'),
      2,
      'five.npy: expected a mask of 4 positions, got 5 values; give one each',
    ],
    [
      attack('--attack gse --gradient relu.onnx'),
      2,
      /^--gradient: expected a model with the inputs 'x' and a seed of 3 scores/,
    ],
    [attack('--attack gse -o net.onnx').replace('-o out ', ''), 2, /net\.onnx/],
    [
      'attack net.onnx --data good.npz --attack gse -o taken.onnx --provider cpu',
      2,
      'taken.onnx: expected a folder for --output, got a file; name another',
    ],
  ])('scalpel %s', check);
});
