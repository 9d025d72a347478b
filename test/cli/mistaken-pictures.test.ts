/** Mistaken pictures, records and preprocessing: each command line with its exit code and the whole of its message. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, test } from 'vitest';
import type { Value } from '../../src/ir/types.js';
import { encode } from '../../src/onnx/encode.js';
import { Builder } from '../../src/ops/builder.js';
import { encodeNpz } from '../../src/tensor/npz.js';
import { float32 } from '../../src/tensor/tensor.js';
import { cmykJpeg, jpeg, png } from '../data/pictures.js';
import { check, inMistakeFolder, type Row } from './mistake-check.js';

inMistakeFolder();

const square = png(4, 4, 3, [...Array(48).keys()]);

beforeAll(() => {
  writeFileSync('eye.onnx', encode(classifier()));
  for (const folder of ['photos/cat', 'photos/dog', 'torn/cat', 'flat']) mkdirSync(folder, { recursive: true });
  for (const path of ['photos/cat/1.png', 'photos/dog/2.png', 'torn/cat/1.png', 'flat/a.png', 'flat/b.png'])
    writeFileSync(path, square);
  writeFileSync('torn/cat/2.jpg', jpeg.subarray(0, -20));
  writeFileSync('cmyk.jpg', cmykJpeg);
  writeFileSync('gif.jpg', 'GIF89a and so on');
  writeFileSync('photo.gif', 'GIF89a and so on');
  writeFileSync('one.csv', 'image,label\na.png,0\n');
  writeFileSync('steps.yaml', 'preset: imagenet\ncentre: 4\n');
  writeFileSync('cut.bin', new Uint8Array(3000));
  writeFileSync('cut-images.idx', Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 4, 1));
  writeFileSync('floats.npz', encodeNpz(new Map([['x', float32([1, 3, 4, 4], new Float32Array(48))]])));
  writeFileSync('two.yaml', 'kind: mixed\nfiles: [photos/cat/1.png, floats.npz]\npreprocess: {scale: 1}\n');
});

/** x [batch, 3, 4, 4], averaged to one score a channel. */
function classifier() {
  const g = new Builder();
  const x: Value = { name: 'x', type: { dtype: 'float32', shape: ['batch', 3, 4, 4] } };
  const y: Value = { name: 'y', type: { dtype: 'float32', shape: ['batch', 3] } };
  const pooled = g.op('GlobalAveragePool', [x]);
  g.nodes.push({ name: 'flat', op: 'Flatten', domain: '', inputs: [pooled], outputs: [y], attrs: {} });
  const { nodes, initializers } = g;
  return { name: 'eye', inputs: [x], outputs: [y], nodes, initializers, opsets: new Map([['', 17]]), functions: [] };
}

describe('pictures', () => {
  test.each<Row>([
    [
      'eval eye.onnx --data photos',
      2,
      "photos: 'image': expected how pixels become numbers for 'x', got nothing; add --preset imagenet, cifar10, cifar100, mnist, clip, caffe-bgr, squeezenet, zero-one, minus-one-one, or --scale 1 for 0 to 255",
    ],
    [
      'eval eye.onnx --data torn --scale 1 --provider cpu',
      2,
      'torn/cat/2.jpg: expected a whole JPEG, got a damaged one: premature end of JPEG file; copy it again or leave it out',
    ],
    [
      'eval eye.onnx --data cmyk.jpg --scale 1 --labels one.csv',
      2,
      "one.csv: expected a label for 'cmyk.jpg', got none; add it, or leave the file out",
    ],
    [
      'compare eye.onnx eye.onnx --data cmyk.jpg --scale 1',
      2,
      'cmyk.jpg: expected a JPEG in grey or in red, green and blue, got CMYK; convert it to RGB',
    ],
    [
      'eval eye.onnx --data gif.jpg --scale 1',
      2,
      'gif.jpg: expected a JPEG or PNG file, got other content; convert it or leave it out',
    ],
    [
      'eval eye.onnx --data photo.gif --scale 1',
      2,
      /^photo\.gif: expected a name that ends in .*, got '\.gif'; convert it, or say what it is \(--kind\)$/,
    ],
    [
      'eval eye.onnx --data photo.gif --kind images --scale 1',
      2,
      'photo.gif: expected a JPEG or PNG file, got other content; convert it or leave it out',
    ],
    [
      'eval eye.onnx --data flat --labels one.csv --scale 1',
      2,
      "one.csv: expected a label for 'b.png', got none; add it, or leave the file out",
    ],
    ['eval eye.onnx --data flat --labels none.csv --scale 1', 2, /^none\.csv: no such file/],
    ['eval eye.onnx --data photos --scale 1 --classes cat ant', 2, /^photos: expected .*'dog'/],
    ['eval eye.onnx --data photos/*/*.xyz --scale 1', 2, /^photos\/\*\/\*\.xyz: the pattern matches no file/],
    [
      'eval eye.onnx --data photos short.txt --scale 1',
      2,
      'data: expected files of one kind, got images and text; give one kind at a time, or say which with --kind',
    ],
    [
      'prune eye.onnx OK --method wanda --calibration photos',
      2,
      /^prune: --method expected one value, got 2; give it once$/,
    ],
  ])('scalpel %s', check);
});

describe('records', () => {
  test.each<Row>([
    [
      'eval eye.onnx --data cut.bin --scale 1',
      2,
      'cut.bin: expected CIFAR records of 3073 or 3074 bytes, got 3000 bytes in all; the file is cut off or of another format',
    ],
    [
      'eval eye.onnx --data cut-images.idx --scale 1',
      2,
      'cut-images.idx: expected 32 bytes for uint8[1, 4, 4], got 17; the file is damaged',
    ],
    ['eval eye.onnx --data photos --scale 1 --map y=image', 2, "photos: the model has no input 'y'; it has 'x'"],
    ['eval eye.onnx --data photos --scale 1 --map x=picture', 2, "photos: has no column 'picture'; it has 'image'"],
    ['eval eye.onnx --data photos --scale 1 --map x', 2, "eval: --map expected INPUT=COLUMN, got 'x'"],
    [
      'eval eye.onnx --data photos --kind pictures',
      2,
      /^eval: --kind expected text, tokens, arrays, images, .* or jsonl, got 'pictures'/,
    ],
  ])('scalpel %s', check);
});

describe('preprocessing', () => {
  test.each<Row>([
    [
      'eval eye.onnx --data photos --preset imagnet',
      2,
      /^eval: --preset expected .*, got 'imagnet'; did you mean imagenet\?$/,
    ],
    [
      'eval eye.onnx --data photos --scale 1 --crop 8',
      2,
      "photos: 'image': expected pictures of 4 x 4, which the model fixes, got 8 x 8 by --crop; leave it out or say 4x4",
    ],
    [
      'eval eye.onnx --data photos --scale 1 --resize 2 --crop 4',
      2,
      "photos: 'image': sample 0: expected at least 4 x 4 pixels to crop, got 2 x 2; resize first (--resize)",
    ],
    [
      'eval eye.onnx --data photos --scale 1 --resize 4by4',
      2,
      "eval: --resize expected pixels such as 224 or 224x320 (height first), or none, got '4by4'",
    ],
    [
      'eval eye.onnx --data photos --scale 1/0',
      2,
      "eval: --scale expected a number or a fraction such as 1/255, got '1/0'",
    ],
    [
      'eval eye.onnx --data photos --mean 1 2',
      2,
      "photos: 'image': expected a mean of 1 or 3 numbers, got 2; give one a channel",
    ],
    [
      'eval eye.onnx --data photos --std 0',
      2,
      'preprocessing: expected std other than 0, got 0; leave that channel as it is with 1',
    ],
    [
      'eval eye.onnx --data photos --scale 1 --channels gray',
      2,
      "photos: 'image': expected 3 channels, which the model fixes, got 1 (gray); name others with --channels, or the axis they are on with --layout",
    ],
    [
      'eval eye.onnx --data photos --preprocess steps.yaml',
      2,
      /^steps\.yaml: unrecognized key: "centre"; the keys are preset, inputs, /,
    ],
    ['eval eye.onnx --data photos --preprocess nowhere.yaml', 2, /^nowhere\.yaml: no such file/],
    [
      'eval eye.onnx --data floats.npz --crop 2',
      2,
      "floats.npz: 'x': expected pictures for 'crop' (uint8 with 1 or 3 channels first or last), got float32[1, 3, 4, 4]; leave it out",
    ],
    [
      'prune net.onnx --method wanda --pattern 0.5 --calibration photos --scale 1 -o o.onnx',
      2,
      "photos: 'image': expected 4 values, which the model fixes, got 48 of pictures; say --resize and --channels",
    ],
  ])('scalpel %s', check);
});
