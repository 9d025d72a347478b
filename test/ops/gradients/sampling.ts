import { float32, int64, type Tensor } from '../../../src/tensor/tensor.js';
import type { Case, CaseOptions } from './case.js';

const ints = (...values: number[]): Tensor => int64([values.length], values);
const floats = (...values: number[]): Tensor => float32([values.length], Float32Array.from(values));

type Attributes = NonNullable<CaseOptions['attrs']>;

/** Linear in x, so that a step of 1 is exact; the runtime has no double kernel. */
const linear = { dtype: 'float32', step: 1, tolerance: 2e-5 } as const;

const byScales = (attrs: Attributes, ...scales: number[]): CaseOptions => ({
  ...linear,
  attrs,
  fixed: { 1: null, 2: floats(...scales) },
});
const bySizes = (attrs: Attributes, ...sizes: number[]): CaseOptions => ({
  ...linear,
  attrs,
  fixed: { 1: null, 2: null, 3: ints(...sizes) },
});

const coordinates = [
  'half_pixel',
  'half_pixel_symmetric',
  'pytorch_half_pixel',
  'align_corners',
  'asymmetric',
] as const;
const roundings = ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'] as const;

const resizes: readonly Case[] = [
  ...coordinates.flatMap((coordinate_transformation_mode): Case[] => [
    ...roundings.map((nearest_mode): Case => {
      const attrs = { coordinate_transformation_mode, nearest_mode };
      return ['Resize', [[1, 2, 3, 5]], byScales(attrs, 1, 1, 2.3, 0.7)];
    }),
    ['Resize', [[2, 2, 3, 5]], byScales({ coordinate_transformation_mode, mode: 'linear' }, 1, 1, 2.3, 0.7)],
    ['Resize', [[1, 2, 4, 5]], bySizes({ coordinate_transformation_mode, mode: 'linear' }, 1, 2, 7, 3)],
    ['Resize', [[1, 2, 4, 5]], byScales({ coordinate_transformation_mode, mode: 'cubic' }, 1, 1, 1.8, 0.6)],
    [
      'Resize',
      [[1, 2, 4, 5]],
      bySizes({ coordinate_transformation_mode, mode: 'cubic', exclude_outside: 1 }, 1, 2, 7, 3),
    ],
  ]),
  ['Resize', [[1, 1, 4, 5]], byScales({ mode: 'cubic', cubic_coeff_a: -0.5 }, 1, 1, 2, 2)],
  ['Resize', [[1, 2, 6, 8]], byScales({ mode: 'linear', antialias: 1 }, 1, 1, 0.6, 0.5)],
  ['Resize', [[1, 2, 6, 8]], bySizes({ mode: 'cubic', antialias: 1 }, 1, 2, 4, 3)],
  ['Resize', [[1, 2, 6, 8]], bySizes({ mode: 'cubic', antialias: 1, exclude_outside: 1 }, 1, 2, 4, 9)],
  [
    'Resize',
    [[1, 2, 3, 4]],
    byScales({ coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }, 1, 1, 2, 3),
  ],
  ['Resize', [[1, 2, 3, 4]], byScales({ nearest_mode: 'round_prefer_ceil' }, 1, 1, 3, 2)],
  ['Resize', [[1, 2, 3, 4]], byScales({ axes: [3] }, 2)],
  ['Resize', [[1, 2, 5]], byScales({}, 1, 1, 4)],
  ['Resize', [[2, 3, 4]], byScales({}, 2, 1, 4)],
  [
    'Resize',
    [[1, 2, 3, 4]],
    { ...linear, attrs: { mode: 'linear' }, fixed: { 1: floats(), 2: floats(), 3: ints(1, 2, 5, 7) } },
  ],
  ['Resize', [[5]], byScales({ mode: 'nearest' }, 2)],
  ['Resize', [[1, 2, 5]], byScales({ mode: 'linear' }, 1, 1, 1.7)],
  ['Resize', [[4, 5]], bySizes({ mode: 'linear' }, 7, 3)],
  ['Resize', [[1, 2, 3, 4, 2]], byScales({ mode: 'linear' }, 1, 1, 2, 1.5, 2)],
  ['Resize', [[1, 2, 3, 4, 2]], byScales({ mode: 'nearest' }, 1, 1, 2, 1.5, 2)],
  ['Resize', [[2, 3, 4, 2]], byScales({ mode: 'nearest' }, 1, 2, 2, 1)],
  ['Resize', [[1, 2, 3, 4]], bySizes({ mode: 'linear', axes: [3, 2] }, 6, 5)],
  ['Resize', [[1, 2, 3, 4]], byScales({ mode: 'nearest', axes: [-2, -1] }, 2, 3)],
  ['Resize', [[1, 2, 3, 4]], { ...byScales({ mode: 'linear' }, 1, 1, 2, 1.5), computed: [2] }],
  ['Resize', [[1, 2, 3, 4]], { ...bySizes({ mode: 'linear' }, 1, 2, 6, 5), computed: [3] }],
  ...['not_larger', 'not_smaller'].map(
    (keep_aspect_ratio_policy): Case => [
      'Resize',
      [[1, 1, 4, 6]],
      { ...bySizes({ keep_aspect_ratio_policy, axes: [2, 3] }, 8, 9), symbolic: false },
    ],
  ),
  [
    'Resize',
    [[1, 2, 4, 5]],
    {
      ...linear,
      attrs: {
        mode: 'linear',
        coordinate_transformation_mode: 'tf_crop_and_resize',
        extrapolation_value: { kind: 'float', value: 3 },
      },
      fixed: { 1: floats(0, 0, 0.2, -0.1, 1, 1, 0.7, 1.2), 2: null, 3: ints(1, 2, 5, 6) },
    },
  ],
  [
    'Resize',
    [[1, 2, 4, 5]],
    {
      ...linear,
      attrs: { mode: 'nearest', coordinate_transformation_mode: 'tf_crop_and_resize', axes: [2, 3] },
      fixed: { 1: floats(0.2, 0.1, 0.7, 0.9), 2: null, 3: ints(3, 6) },
    },
  ],
];

const grids: readonly Case[] = ['linear', 'nearest', 'cubic'].flatMap((mode) =>
  ['zeros', 'border', 'reflection'].flatMap((padding_mode) =>
    [0, 1].flatMap((align_corners): Case[] => [
      [
        'GridSample',
        [
          [2, 3, 4, 5],
          [2, 3, 2, 2],
        ],
        { attrs: { mode, padding_mode, align_corners }, low: -1.6, high: 1.6 },
      ],
      ...(mode === 'cubic'
        ? []
        : ([
            [
              'GridSample',
              [
                [2, 2, 3, 4, 2],
                [2, 2, 1, 3, 3],
              ],
              { attrs: { mode, padding_mode, align_corners }, low: -1.6, high: 1.6 },
            ],
          ] as const)),
    ]),
  ),
);

const affine = (align_corners: number, ...size: number[]): CaseOptions => ({
  attrs: { align_corners },
  fixed: { 1: ints(...size) },
});

const columns = (image: Tensor, block: Tensor, attrs: Attributes = {}): CaseOptions => ({
  dtype: 'float32',
  step: 1,
  tolerance: 2e-5,
  fixed: { 1: image, 2: block },
  attrs,
});

export const sampling: readonly Case[] = [
  ...resizes,
  ...grids,
  ['AffineGrid', [[2, 2, 3]], affine(0, 2, 1, 3, 4)],
  ['AffineGrid', [[2, 2, 3]], affine(1, 2, 3, 2, 5)],
  ['AffineGrid', [[1, 3, 4]], affine(0, 1, 1, 2, 3, 4)],
  ['AffineGrid', [[2, 2, 3]], { ...affine(1, 2, 3, 2, 5), computed: [1] }],
  ['Col2Im', [[2, 12, 6]], columns(ints(4, 3), ints(2, 2))],
  ['Col2Im', [[1, 8, 15]], columns(ints(5, 6), ints(2, 2), { dilations: [1, 2], pads: [0, 1, 1, 0], strides: [2, 1] })],
  ['Col2Im', [[1, 6, 4]], columns(ints(6), ints(3), {})],
];
