/** Ops that sample where data says: the runtime's own kernels against their expansions, and the gradients of these. */
import { expect, test } from 'vitest';
import { prepare } from '../../../src/autodiff/prepare.js';
import { type AttrInput, attrs } from '../../../src/ir/node.js';
import type { Dimension, Graph, Value } from '../../../src/ir/types.js';
import { float32, int64, type Tensor } from '../../../src/tensor/tensor.js';
import { checkWhole } from './whole.js';

type Shape = readonly Dimension[];
type AttrRecord = Readonly<Record<string, AttrInput>>;

interface Row {
  readonly name: string;
  /** Data, weight, offsets, bias, mask. */
  readonly shapes: readonly (Shape | null)[];
  readonly attrs?: AttrRecord;
}

const rows: readonly Row[] = [
  {
    name: 'padding',
    shapes: [
      [1, 2, 4, 5],
      [3, 2, 2, 2],
      [1, 8, 5, 6],
    ],
    attrs: { pads: [1, 1, 1, 1] },
  },
  {
    name: 'bias, mask and strides',
    shapes: [[2, 2, 5, 5], [3, 2, 3, 3], [2, 18, 2, 2], [3], [2, 9, 2, 2]],
    attrs: { strides: [2, 2] },
  },
  {
    name: 'groups of channels and of offsets, dilation, symbolic batch',
    shapes: [['batch', 4, 5, 6], [2, 2, 2, 2], ['batch', 16, 3, 4], null, ['batch', 8, 3, 4]],
    attrs: { group: 2, offset_group: 2, dilations: [2, 2] },
  },
];

const single = { low: -0.4, high: 0.4, step: 1e-3, tolerance: 1e-2, agreement: 1e-5 };

test.each(rows)('DeformConv with $name', async ({ shapes, attrs: settings = {} }) => {
  await checkWhole(graphOf('DeformConv', shapes, settings), single, { batch: 2 });
});

const regions = float32([3, 4], Float32Array.of(0.5, 1, 4, 3.5, -3, -2, 2.3, 9, 1.2, 1.1, 1.5, 1.6));
const owners = int64([3], [1, 0, 1]);
const bins = { output_height: 2, output_width: 3 };
const half: AttrInput = { kind: 'float', value: 0.5 };

test.each<[AttrRecord, Tensor | Shape]>([
  [{ ...bins, sampling_ratio: 2 }, regions],
  [{ ...bins, sampling_ratio: 1, coordinate_transformation_mode: 'output_half_pixel' }, regions],
  [{ ...bins, sampling_ratio: 3, spatial_scale: half }, regions],
  [{ ...bins, sampling_ratio: 2 }, [3, 4]],
  [{ ...bins }, regions],
  [{ ...bins, coordinate_transformation_mode: 'output_half_pixel' }, [3, 4]],
  [{ ...bins, mode: 'max', sampling_ratio: 2 }, regions],
  [{ ...bins, mode: 'max' }, regions],
])('RoiAlign %j', async (settings, rois) => {
  await checkWhole(
    graphOf('RoiAlign', [['batch', 2, 5, 6], rois, owners], settings),
    { ...single, low: 0.5, high: 3 },
    { batch: 2 },
  );
});

const boxes = float32(
  [5, 5],
  Float32Array.of(0, 0, 0, 2, 2, 1, 1, 1, 1, 1, 0, 0.4, 0.6, 3.4, 2.6, 1, 5, 5, 7, 7, 0, -1.5, -2.5, 3.5, 2.5),
);

test.each([{}, { spatial_scale: half }])('MaxRoiPool %j', async (settings) => {
  const graph = graphOf('MaxRoiPool', [['batch', 2, 'height', 6], boxes], { pooled_shape: [2, 3], ...settings });
  await checkWhole(graph, { ...single, low: 0.5, high: 3 }, { batch: 2, height: 5 });
});

const steps = int64([], [3]);
const window = float32(
  [8],
  Float32Array.from({ length: 8 }, (_, i) => 0.3 + Math.sin(i)),
);

test.each<readonly [AttrRecord, readonly (Shape | Tensor | null)[]]>([
  [{}, [['batch', 20, 1], steps, [8]]],
  [{ onesided: 0 }, [['batch', 20], steps, window]],
  [{ onesided: 0 }, [['batch', 20, 2], steps, null, int64([], [8])]],
  [{}, [['batch', 'length', 1], steps, null, int64([], [8])]],
])('STFT %j %j', async (settings, args) => {
  await checkWhole(graphOf('STFT', args, settings), { ...single, tolerance: 3e-3 }, { batch: 2, length: 20 });
});

test('a window over complex numbers is refused', async () => {
  await expect(prepare(graphOf('STFT', [[2, 20, 2], steps, window], { onesided: 0 }))).rejects.toThrow(
    /STFT 'case': expected a real signal beside a window, got a complex one/,
  );
});

/** One node; tensors are constants. */
function graphOf(op: string, args: readonly (Shape | Tensor | null)[], settings: AttrRecord): Graph {
  const initializers = new Map<Value, Tensor>();
  const given = args.map((arg, i): Value | null => {
    if (!arg) return null;
    if (!('payload' in arg)) return { name: `x${i}`, type: { dtype: 'float32', shape: arg } };
    const value: Value = { name: `x${i}`, type: { dtype: arg.dtype, shape: arg.shape } };
    initializers.set(value, arg);
    return value;
  });
  const y = { name: 'y' };
  return {
    name: 'sampled',
    inputs: given.filter((value) => value !== null && !initializers.has(value)) as Value[],
    outputs: [y],
    nodes: [{ name: 'case', op, domain: '', inputs: given, outputs: [y], attrs: attrs(settings) }],
    initializers,
    opsets: new Map([['', 21]]),
    functions: [],
  };
}
