/** Resizing against Pillow, and the sizes that pictures come to. */
import { describe, expect, test } from 'vitest';
import { presets } from '../../src/data/preprocess/presets.js';
import { type Interpolation, resample } from '../../src/data/preprocess/resample.js';
import { fitPicture, planSizes } from '../../src/data/preprocess/sizes.js';
import type { Steps } from '../../src/data/preprocess/steps.js';

/** 7 wide and 5 high. */
const random = [
  121, 66, 189, 242, 33, 6, 240, 132, 119, 98, 240, 243, 203, 77, 118, 77, 199, 7, 32, 81, 21, 154, 15, 137, 242, 198,
  218, 202, 227, 68, 187, 49, 18, 69, 253,
];

test.each<[Interpolation, number, number, number[]]>([
  ['nearest', 2, 3, [119, 240, 203, 15, 242, 218]],
  [
    'nearest',
    4,
    9,
    [
      121, 66, 66, 189, 242, 33, 6, 6, 240, 132, 119, 119, 98, 240, 243, 203, 203, 77, 154, 15, 15, 137, 242, 198, 218,
      218, 202, 227, 68, 68, 187, 49, 18, 69, 69, 253,
    ],
  ],
  [
    'nearest',
    8,
    7,
    [
      121, 66, 189, 242, 33, 6, 240, 121, 66, 189, 242, 33, 6, 240, 132, 119, 98, 240, 243, 203, 77, 118, 77, 199, 7,
      32, 81, 21, 118, 77, 199, 7, 32, 81, 21, 154, 15, 137, 242, 198, 218, 202, 227, 68, 187, 49, 18, 69, 253, 227, 68,
      187, 49, 18, 69, 253,
    ],
  ],
  ['bilinear', 2, 3, [115, 155, 119, 117, 127, 143]],
  [
    'bilinear',
    4,
    9,
    [
      124, 94, 118, 183, 242, 120, 69, 103, 199, 126, 110, 119, 141, 143, 152, 153, 119, 54, 139, 74, 95, 158, 144, 132,
      146, 150, 127, 209, 106, 108, 157, 97, 71, 87, 151, 240,
    ],
  ],
  [
    'bilinear',
    8,
    7,
    [
      121, 66, 189, 242, 33, 6, 240, 126, 89, 149, 241, 125, 92, 169, 131, 116, 104, 225, 230, 195, 74, 122, 90, 167,
      80, 98, 119, 39, 129, 58, 180, 80, 84, 124, 78, 152, 19, 141, 227, 188, 209, 191, 195, 45, 165, 133, 97, 134, 231,
      227, 68, 187, 49, 18, 69, 253,
    ],
  ],
  ['bicubic', 2, 3, [114, 158, 115, 119, 122, 144]],
  [
    'bicubic',
    4,
    9,
    [
      126, 87, 108, 191, 254, 117, 52, 99, 220, 126, 111, 120, 139, 136, 155, 165, 117, 34, 142, 58, 85, 170, 144, 127,
      149, 153, 125, 223, 98, 100, 170, 98, 62, 73, 155, 254,
    ],
  ],
  [
    'bicubic',
    8,
    7,
    [
      120, 62, 196, 242, 18, 0, 252, 126, 89, 148, 253, 127, 90, 178, 132, 119, 99, 231, 241, 204, 70, 120, 95, 173, 53,
      84, 111, 17, 124, 55, 188, 60, 68, 114, 64, 151, 16, 138, 238, 196, 217, 194, 200, 44, 164, 137, 97, 135, 242,
      232, 72, 191, 35, 5, 58, 255,
    ],
  ],
])('%s to %i x %i is Pillow’s', (interpolation, height, width, expected) => {
  const picture = { height: 5, width: 7, channels: 1, pixels: Uint8Array.from(random) } as const;
  expect([...resample(picture, height, width, interpolation).pixels]).toEqual(expected);
  const colours = { ...picture, channels: 3, pixels: Uint8Array.from(random.flatMap((v) => [v, v, v])) } as const;
  expect([...resample(colours, height, width, interpolation).pixels]).toEqual(expected.flatMap((v) => [v, v, v]));
});

describe('sizes', () => {
  type Size = readonly [number, number];
  test.each<[string, Steps, Size | undefined, Size | undefined, boolean, object]>([
    ['stay where they fit', {}, [32, 32], [32, 32], false, {}],
    ['stay where nothing is known', {}, undefined, [32, 32], false, {}],
    ['cover the model’s', {}, [96, 64], undefined, false, { resize: 'cover', crop: [96, 64] }],
    [
      'follow the model after a shorter side',
      { resize: 256 },
      [224, 224],
      undefined,
      false,
      { resize: 256, crop: [224, 224] },
    ],
    ['are the preset’s', presets.imagenet, [224, 224], undefined, true, { resize: 256, crop: [224, 224] }],
    [
      'follow the model in proportion',
      presets.imagenet,
      [299, 299],
      undefined,
      true,
      { resize: 342, crop: [299, 299] },
    ],
    [
      'keep a size that is large enough',
      presets['caffe-bgr'],
      [227, 227],
      undefined,
      true,
      { resize: [256, 256], crop: [227, 227] },
    ],
    [
      'leave a size that is too small',
      presets['caffe-bgr'],
      [299, 299],
      undefined,
      true,
      { resize: [299, 299], crop: [299, 299] },
    ],
    ['are none', { resize: 'none', crop: 'none' }, [32, 32], [48, 48], false, {}],
  ])('%s', (_, steps, target, given, isPreset, expected) => {
    expect(planSizes(steps, target, given, isPreset, 'data')).toEqual(expected);
  });

  test.each<[Steps, string]>([
    [
      { crop: 200 },
      'data: expected pictures of 224 x 224, which the model fixes, got 200 x 200 by --crop; leave it out or say 224x224',
    ],
    [
      { resize: [200, 224] },
      'data: expected pictures of 224 x 224, which the model fixes, got 200 x 224 by --resize; leave it out or say 224x224',
    ],
  ])('refuse %j', (steps, message) => {
    expect(() => planSizes(steps, [224, 224], undefined, false, 'data')).toThrow(message);
  });
});

test.each([
  ['the shorter side', 40, 30, { resize: 20 }, [26, 20]],
  ['the shorter side lying', 30, 40, { resize: 20 }, [20, 26]],
  ['what covers', 30, 40, { resize: 'cover', crop: [20, 20] }, [20, 20]],
  ['what covers, upwards', 3, 4, { resize: 'cover', crop: [16, 8] }, [16, 8]],
  ['a size', 30, 40, { resize: [8, 9] }, [8, 9]],
] as const)('pictures come to %s', (_, height, width, plan, expected) => {
  const picture = { height, width, channels: 1, pixels: new Uint8Array(height * width) } as const;
  const fitted = fitPicture(picture, plan, 'bilinear', 'a');
  expect([fitted.height, fitted.width]).toEqual(expected);
});

test('the margin of a crop is halved to even', () => {
  const picture = { height: 1, width: 8, channels: 1, pixels: Uint8Array.from({ length: 8 }, (_, i) => i) } as const;
  expect([...fitPicture(picture, { crop: [1, 5] }, 'nearest', 'a').pixels]).toEqual([2, 3, 4, 5, 6]);
  expect([...fitPicture(picture, { crop: [1, 3] }, 'nearest', 'a').pixels]).toEqual([2, 3, 4]);
});
