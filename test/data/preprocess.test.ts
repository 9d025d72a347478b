/** Preprocessing: colours, arithmetic and layouts of what a model is fed. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSamples } from '../../src/data/open.js';
import { loadPreprocess, type Preprocess, stepsOf } from '../../src/data/preprocess/steps.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { encodeNpz } from '../../src/tensor/npz.js';
import { float32, type Tensor, tensor } from '../../src/tensor/tensor.js';
import { graphWith, type InputSpec, temporaryFolder } from './models.js';
import { luma, pixels, png } from './pictures.js';

const { folder, write } = temporaryFolder();

/** A picture of 3 x 2 as a file, fed to an input of that shape. */
const picture = write('one/a.png', png(3, 2, 3, pixels));
const fed = async (shape: InputSpec[2], preprocess: Preprocess, path = picture): Promise<number[]> => {
  const samples = await openSamples(graphWith(['x', 'float32', shape]), [path], { preprocess });
  return [...samples.batch(0, 1).values()].flatMap((array) => [...floatsOf(array)]);
};
const plane = (channel: number, values: readonly number[] = pixels): number[] =>
  values.filter((_, i) => i % 3 === channel);
const planes = [...plane(0), ...plane(1), ...plane(2)];

describe('pictures as an input', () => {
  test.each<[string, InputSpec[2], Preprocess, number[]]>([
    ['channels first', ['N', 3, 2, 3], { scale: 1 }, planes],
    ['channels last', ['N', 2, 3, 3], { scale: 1, layout: 'nhwc' }, pixels],
    ['channels last, told from the shape', ['N', 'h', 'w', 3], { scale: 1 }, pixels],
    ['blue first', ['N', 3, 2, 3], { scale: 1, channels: 'bgr' }, [...plane(2), ...plane(1), ...plane(0)]],
    ['grey, as the model has one channel', ['N', 1, 2, 3], { scale: 1 }, luma],
    ['grey without an axis of channels', ['N', 2, 3], { scale: 1 }, luma],
    ['in one row', ['N', 18], { scale: 1 }, planes],
    ['in one row of grey', ['N', 6], { scale: 1, channels: 'gray' }, luma],
    ['the middle', ['N', 3, 2, 1], { scale: 1, crop: [2, 1] }, planes.filter((_, i) => i % 3 === 1)],
  ])('%s', async (_, shape, preprocess, expected) => {
    expect(await fed(shape, preprocess)).toEqual(expected);
  });

  test('arithmetic is (value * scale - mean) / std in the channels of the model', async () => {
    const steps: Preprocess = { channels: 'bgr', scale: 0.5, mean: [1, 2, 3], std: [1, 2, 4] };
    const expected = [
      ...plane(2).map((v) => v / 2 - 1),
      ...plane(1).map((v) => (v / 2 - 2) / 2),
      ...plane(0).map((v) => (v / 2 - 3) / 4),
    ];
    expect(await fed(['N', 3, 2, 3], steps)).toEqual(expected);
    const imagenet = await fed(['N', 3, 2, 3], { preset: 'imagenet', resize: 'none', crop: 'none' });
    expect(imagenet[0]).toBeCloseTo((250 / 255 - 0.485) / 0.229, 6);
  });

  test('bytes of an array are pictures when they are preprocessed, in either layout', async () => {
    const nhwc = write('nhwc.npz', encodeNpz(new Map([['x', tensor('uint8', [1, 2, 3, 3], Uint8Array.from(pixels))]])));
    const nchw = write('nchw.npz', encodeNpz(new Map([['x', tensor('uint8', [1, 3, 1, 6], Uint8Array.from(planes))]])));
    expect(await fed(['N', 3, 2, 3], { scale: 1 }, nhwc)).toEqual(planes);
    expect(await fed(['N', 3, 1, 6], { scale: 1 }, nchw)).toEqual(planes);
    expect(await fed(['N', 1, 2, 3], { channels: 'gray', scale: 1 }, nhwc)).toEqual(luma);
  });

  test('numbers are scaled by channel', async () => {
    const series = write(
      'series.npz',
      encodeNpz(new Map([['x', float32([1, 2, 3], Float32Array.of(1, 2, 3, 4, 5, 6))]])),
    );
    expect(await fed(['N', 2, 3], { mean: [1, 4], std: [1, 2] }, series)).toEqual([0, 1, 2, 0, 0.5, 1]);
  });

  test('the report says every step', async () => {
    const graph = graphWith(['x', 'float32', ['N', 3, 1, 1]]);
    const { provenance } = await openSamples(graph, [picture], { preprocess: { preset: 'squeezenet', crop: 1 } });
    expect(provenance.description).toBe(
      "images: 'x'; 1 JPEG and PNG pictures; 'x' from pictures as bgr, resized to 256 x 256, bilinear, middle 1 x 1, minus (104, 117, 123), nchw; 1 of 1 samples from the start",
    );
  });

  const bare = (t: Tensor): string => write('bare.npz', encodeNpz(new Map([['x', t]])));
  test.each<[string, InputSpec[2], Preprocess, (() => string) | undefined, string | RegExp]>([
    [
      'no arithmetic',
      ['N', 3, 2, 3],
      {},
      undefined,
      /a.png: 'image': expected how pixels become numbers for 'x', got nothing; add --preset imagenet, .*, or --scale 1 for 0 to 255$/,
    ],
    [
      'two means',
      ['N', 3, 2, 3],
      { mean: [1, 2] },
      undefined,
      'expected a mean of 1 or 3 numbers, got 2; give one a channel',
    ],
    [
      'a deviation of 0',
      ['N', 3, 2, 3],
      { std: [0] },
      undefined,
      'expected std other than 0, got 0; leave that channel as it is with 1',
    ],
    [
      'a crop of more than there is',
      ['N', 3, 'h', 'w'],
      { scale: 1, crop: 4 },
      undefined,
      'sample 0: expected at least 4 x 4 pixels to crop, got 2 x 3; resize first (--resize)',
    ],
    [
      'colours for a grey model',
      ['N', 1, 2, 3],
      { scale: 1, channels: 'rgb' },
      undefined,
      'expected 1 channels, which the model fixes, got 3 (rgb); name others with --channels, or the axis they are on with --layout',
    ],
    [
      'four channels',
      ['N', 4, 2, 3],
      { scale: 1, layout: 'nchw' },
      undefined,
      'expected 4 channels, which the model fixes, got 3 (rgb)',
    ],
    [
      'no picture’s shape',
      ['N', 3, 2, 3, 4],
      { scale: 1 },
      undefined,
      "expected an input of pictures with 1 or 3 channels, got 'x' of shape [?, 3, 2, 3, 4]; feed it an array (--map)",
    ],
    [
      'another size',
      ['N', 3, 4, 4],
      { scale: 1, resize: 'none', crop: 'none' },
      undefined,
      'expected pictures of 4 x 4, which the model fixes, got 2 x 3 for sample 0; say --resize and --crop',
    ],
    [
      'another number of values',
      ['N', 20],
      { scale: 1 },
      undefined,
      'expected 20 values, which the model fixes, got 18 of pictures; say --resize and --channels',
    ],
    [
      'a size for numbers',
      ['N', 6],
      { resize: 4 },
      () => bare(float32([1, 6], new Float32Array(6))),
      "expected pictures for 'resize' (uint8 with 1 or 3 channels first or last), got float32[1, 6]; leave it out",
    ],
    [
      'an input that is none',
      ['N', 3, 2, 3],
      { scale: 1, inputs: ['y'] },
      undefined,
      "preprocessing is for 'y', which is no input; the model has 'x'",
    ],
  ])('is refused with %s', async (_, shape, preprocess, path, message) => {
    await expect(fed(shape, preprocess, path?.())).rejects.toThrow(message);
  });
});

describe('steps', () => {
  test('a file of them, which the preset fills', () => {
    const steps = loadPreprocess(write('steps.yaml', 'preset: imagenet\ncrop: [96, 64]\nmean: 0\n'));
    expect(stepsOf(steps)).toMatchObject({
      channels: 'rgb',
      resize: 256,
      crop: [96, 64],
      mean: [0],
      std: [0.229, 0.224, 0.225],
    });
  });

  test.each([
    ['crop: -1', /steps.yaml: 'crop': too small/],
    ['colour: rgb', /unrecognized key: "colour"; the keys are preset, inputs, channels, resize/],
    ['preset: imagnet', /'preset': invalid option: expected one of "imagenet"/],
    ['a: [', /expected YAML or JSON, got /],
  ])('refuse %j', (text, message) => {
    expect(() => loadPreprocess(write('steps.yaml', text))).toThrow(message);
  });

  test('a missing file is named', () => {
    expect(() => loadPreprocess(join(folder, 'none.yaml'))).toThrow('none.yaml: no such file');
  });

  test('a descriptor’s give way to those beside it, one by one', async () => {
    const path = write('one/set.yaml', 'kind: images\nfiles: a.png\npreprocess: {scale: 2, mean: 1}\n');
    expect((await fed(['N', 3, 2, 3], { mean: [0] }, path))[0]).toBe(500);
  });
});
