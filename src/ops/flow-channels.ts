/** Which axes normalisations, pools and reductions leave alone, and which they look at as a whole. */
import { arrange, same } from '../axes/arrange.js';
import { type Axis, pin, pinTogether } from '../axes/axis.js';
import { intAttr } from '../ir/node.js';
import { type FlowRule, gives, reads, sameAxes, sameBroadcast, whole } from './flow.js';
import { axisOf } from './sizes.js';

const normalised = 'it is normalised over';
const window = 'a window moves along it';

export const batchNormalization: FlowRule = (f, node) => {
  const [x, ...ofChannels] = node.inputs.filter((each) => each !== null);
  const xs = f.axes(x!);
  sameAxes(xs, f.axes(gives(node)));
  for (const each of [...ofChannels, ...node.outputs.slice(1)]) if (each) same(f.axes(each)[0]!, xs[1]!);
  if (!intAttr(node, 'training_mode', 0)) return;
  for (const [at, each] of xs.entries()) if (at !== 1) pinTogether(each, normalised);
};

/** Statistics of each channel of each sample, over all that lies behind. */
export const instanceNormalization: FlowRule = (f, node) => {
  batchNormalization(f, node);
  for (const each of f.axes(reads(node, 0)).slice(2)) pinTogether(each, normalised);
};

/** Over the axes from `axis` on, by a scale of their shape; where that is one, by the statistics of what is there. */
export const layerNormalization: FlowRule = (f, node) => {
  const xs = f.axes(reads(node, 0));
  const first = axisOf(intAttr(node, 'axis', -1), xs.length);
  sameAxes(xs, f.axes(gives(node)));
  for (const each of node.inputs.slice(1)) if (each) sameBroadcast(f.axes(each), xs);
  const over = xs.flatMap(({ size }, at) => (at >= first && size > 1 ? [at] : []));
  if (over.length === 1) f.averages(0, over[0]!);
  else for (const each of xs.slice(first)) pinTogether(each, normalised);
  for (const moments of node.outputs.slice(1)) if (moments) sameBroadcast(f.axes(moments), xs);
};

/** Groups may go as a whole. */
export const groupNormalization: FlowRule = (f, node) => {
  const xs = f.axes(reads(node, 0));
  const count = intAttr(node, 'num_groups', 1);
  const [groups, each] = arrange([xs[1]!], [count, xs[1]!.size / count]) as [Axis, Axis];
  sameAxes(xs, f.axes(gives(node)));
  for (const given of node.inputs.slice(1)) {
    const own = given && f.axes(given)[0]!;
    if (own) same(own, own.size === count ? groups : xs[1]!);
  }
  for (const over of [each, ...xs.slice(2)]) pinTogether(over, normalised);
  f.holds({ attr: 'num_groups' }, [[groups]]);
};

export const softmax: FlowRule = whole(
  (node, rank) => [axisOf(intAttr(node, 'axis', -1), rank)],
  pinTogether,
  'its positions share one sum of exponentials',
);

export const acrossChannels: FlowRule = whole(() => [1], pin, 'its neighbours are looked at');

/** Samples and channels stay apart. */
export const pool: FlowRule = (f, node) => {
  const xs = f.axes(reads(node, 0));
  for (const y of node.outputs) {
    if (!y) continue;
    const ys = f.axes(y);
    sameAxes(xs.slice(0, 2), ys.slice(0, 2));
    for (const each of ys.slice(2)) pin(each, window);
  }
  for (const each of xs.slice(2)) pin(each, window);
};

/** What becomes of a reduced axis: zeros count as if they were not there, a mean is one of what is there, or all positions stay. */
export type Reduced = 'sums' | 'averages' | 'pins';

export const reduction =
  (reduced: Reduced): FlowRule =>
  (f, node) => {
    const [xs, ys] = [f.axes(reads(node, 0)), f.axes(gives(node))];
    const told = f.integers(node.inputs[1]);
    const isEmpty = !node.inputs[1] || told?.length === 0;
    const every = intAttr(node, 'noop_with_empty_axes', 0) ? [] : xs.map((_, at) => at);
    const along = isEmpty ? every : told?.map((at) => axisOf(at, xs.length));
    if (!along) {
      for (const each of [...xs, ...ys]) pin(each, 'it is reduced where data say');
      return;
    }
    const others = xs.filter((_, at) => !along.includes(at));
    const left = intAttr(node, 'keepdims', 1) ? ys.filter((_, at) => !along.includes(at)) : ys;
    sameAxes(others, left);
    for (const at of along) {
      if (reduced === 'sums') f.sums(0, at);
      else if (reduced === 'averages') f.averages(0, at);
      else pinTogether(xs[at]!, 'it is reduced to one number');
    }
  };
