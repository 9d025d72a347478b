/** Default-domain ops whose meaning or form changed between opsets 7 and 21; the others only accept more element types. */
import { axesInput, Clip, DFT, Pad, Slice, Split, TopK } from './attributes.js';
import { BatchNormalization, Dropout, GridSample, RoiAlign, refusedBelow, Scatter } from './inference.js';
import { Resize, Upsample } from './resize.js';
import { Scan } from './scan.js';
import { softmaxFamily } from './softmax.js';
import type { Upgrade } from './upgrade.js';

const reductions = ['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'SumSquare'];

export const upgrades: Readonly<Record<string, Upgrade>> = {
  BatchNormalization,
  Clip,
  DFT,
  Dropout,
  GridSample,
  GroupNormalization: refusedBelow(21, 'scale and bias per group left ONNX in opset 21; export with opset 21'),
  Hardmax: softmaxFamily,
  LogSoftmax: softmaxFamily,
  Pad,
  ReduceSum: axesInput(13),
  ...Object.fromEntries(reductions.map((name) => [`Reduce${name}`, axesInput(18)])),
  Resize,
  RoiAlign,
  Scan,
  Scatter,
  Slice,
  Softmax: softmaxFamily,
  Split,
  Squeeze: axesInput(13),
  TopK,
  Unsqueeze: axesInput(13),
  Upsample,
};
