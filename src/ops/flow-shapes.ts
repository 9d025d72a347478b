/** Where axes go when elements are arranged anew, repeated or left out. */
import { arrange, cut, same } from '../axes/arrange.js';
import { type Axis, axis, pin, product, sum } from '../axes/axis.js';
import { intAttr, intsAttr, stringAttr } from '../ir/node.js';
import type { Node } from '../ir/types.js';
import { type FlowRule, gives, reads, sameAxes, sameBroadcast } from './flow.js';
import { axisOf } from './sizes.js';

/** The same elements in the same order. */
export const sameOrder: FlowRule = (f, node) => {
  const ys = f.axes(gives(node));
  const laid = arrange(
    f.axes(reads(node, 0)),
    ys.map(({ size }) => size),
  );
  sameAxes(laid, ys);
};

export const reshape: FlowRule = (f, node) => {
  sameOrder(f, node);
  f.holds(
    { input: 1 },
    f.axes(gives(node)).map((each) => [each]),
  );
};

export const transpose: FlowRule = (f, node) => {
  const xs = f.axes(reads(node, 0));
  const perm = intsAttr(node, 'perm') ?? xs.map((_, at) => xs.length - 1 - at);
  sameAxes(
    perm.map((at) => xs[at]!),
    f.axes(gives(node)),
  );
};

export const concat: FlowRule = (f, node) => {
  const ys = f.axes(gives(node));
  const along = axisOf(intAttr(node, 'axis', 0), ys.length);
  const rows = node.inputs.filter((x) => x !== null).map((x) => f.axes(x));
  same(sum(rows.map((xs) => xs[along]!)), ys[along]!);
  for (const xs of rows) sameExcept(xs, ys, [along]);
};

export const split: FlowRule = (f, node) => {
  const xs = f.axes(reads(node, 0));
  const along = axisOf(intAttr(node, 'axis', 0), xs.length);
  const outputs = node.outputs.map((y) => y && f.axes(y));
  // an output without a name has a size all the same
  const sizes = f.integers(node.inputs[1]) ?? outputs.map((ys) => ys?.[along]?.size ?? Number.NaN);
  if (sizes.some(Number.isNaN)) {
    pin(xs[along]!, 'it is split into parts of unknown size');
    for (const ys of outputs) if (ys) pin(ys[along]!, 'it is a part of unknown place');
  }
  const parts = sizes.some(Number.isNaN) ? undefined : cut(xs[along]!, sizes);
  for (const [i, ys] of outputs.entries()) {
    if (!ys) continue;
    if (parts) same(parts[i]!, ys[along]!);
    sameExcept(xs, ys, [along]);
  }
  if (parts)
    f.holds(
      { input: 1, older: { attr: 'split', before: 13 }, instead: 'num_outputs' },
      parts.map((part) => [part]),
    );
};

export const slice: FlowRule = (f, node) => {
  const [xs, ys] = [f.axes(reads(node, 0)), f.axes(gives(node))];
  const [, starts, ends, axes, steps] = node.inputs.map((x) => f.integers(x));
  const along = node.inputs[3] ? axes?.map((at) => axisOf(at, xs.length)) : starts?.map((_, i) => i);
  if (!along || !starts || !ends || (node.inputs[4] && !steps)) {
    for (const each of [...xs, ...ys]) pin(each, 'it is sliced where data say');
    return;
  }
  sameExcept(xs, ys, along);
  const parts = along.map((at, i) => {
    const [x, y] = [xs[at]!, ys[at]!];
    if ((steps?.[i] ?? 1) !== 1) {
      for (const each of [x, y]) pin(each, 'it is sliced in steps');
      return [];
    }
    const start = Math.min(starts[i]! < 0 ? Math.max(0, starts[i]! + x.size) : starts[i]!, x.size);
    const [before, taken] = cut(x, [start, y.size, x.size - start - y.size]) as [Axis, Axis, Axis];
    same(taken, y);
    return [before, taken];
  });
  // negative ones count from the end
  const whole = along.map((at) => [xs[at]!]);
  f.holds(
    { input: 1, older: { attr: 'starts', before: 10 } },
    parts.map((each) => each.slice(0, 1)),
    whole,
  );
  f.holds({ input: 2, older: { attr: 'ends', before: 10 } }, parts, whole);
};

export const expand: FlowRule = (f, node) => {
  const ys = f.axes(gives(node));
  sameBroadcast(f.axes(reads(node, 0)), ys);
  // axes in front that x has and the shape does not are those of x
  const told = f.axes(reads(node, 1))[0]!.size;
  f.holds(
    { input: 1 },
    ys.slice(ys.length - told).map((each) => [each]),
  );
};

/** One number everywhere: what is asked for is what it is like. */
export const ofSizes: FlowRule = (f, node) => {
  f.holds(
    { input: 0 },
    f.axes(gives(node)).map((each) => [each]),
  );
};

/** All of x, one time after the other. */
export const tile: FlowRule = (f, node) => {
  const [xs, ys] = [f.axes(reads(node, 0)), f.axes(gives(node))];
  const repeats = xs.map((x, at) => axis(ys[at]!.size / x.size));
  for (const [at, x] of xs.entries()) same(product([repeats[at]!, x]), ys[at]!);
  f.holds(
    { input: 1 },
    repeats.map((each) => [each]),
  );
};

export const gather: FlowRule = (f, node) => {
  const [xs, at] = [f.axes(reads(node, 0)), f.axes(reads(node, 1))];
  const along = axisOf(intAttr(node, 'axis', 0), xs.length);
  pin(xs[along]!, 'its positions are numbered');
  sameAxes([...xs.slice(0, along), ...at, ...xs.slice(along + 1)], f.axes(gives(node)));
};

export const pad: FlowRule = (f, node) => {
  const [xs, ys] = [f.axes(reads(node, 0)), f.axes(gives(node))];
  const pads = f.integers(node.inputs[1]);
  const given = f.integers(node.inputs[3]);
  const along = node.inputs[3] ? given?.map((at) => axisOf(at, xs.length)) : xs.map((_, at) => at);
  const isFilled = stringAttr(node, 'mode', 'constant') === 'constant';
  if (!pads || !along) {
    for (const each of [...xs, ...ys]) pin(each, 'it is padded as data say');
    return;
  }
  sameExcept(xs, ys, along);
  const added: Axis[][] = pads.map(() => []);
  for (const [i, at] of along.entries()) {
    const [before, behind] = [pads[i]!, pads[i + along.length]!];
    if (before === 0 && behind === 0) same(xs[at]!, ys[at]!);
    else if (!isFilled || before < 0 || behind < 0) {
      for (const each of [xs[at]!, ys[at]!]) pin(each, 'it is padded with what it holds, or cut');
    } else {
      const [head, tail] = [axis(before), axis(behind)];
      added[i] = [head];
      added[i + along.length] = [tail];
      same(sum([head, xs[at]!, tail]), ys[at]!);
    }
  }
  f.holds({ input: 1, older: { attr: 'pads', before: 11 } }, added);
};

function sameExcept(xs: readonly Axis[], ys: readonly Axis[], along: readonly number[]): void {
  for (const [at, x] of xs.entries()) if (!along.includes(at)) same(x, ys[at]!);
}

/** Blocks of an image that become channels, or the other way round: only what is left of them stays apart. */
export const apart =
  (kept: number, reason: string): FlowRule =>
  (f, node: Node) => {
    const [xs, ys] = [f.axes(reads(node, 0)), f.axes(gives(node))];
    sameAxes(xs.slice(0, kept), ys.slice(0, kept));
    for (const each of [...xs.slice(kept), ...ys.slice(kept)]) pin(each, reason);
  };
