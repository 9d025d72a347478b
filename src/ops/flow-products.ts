/** Which axes products multiply, sum over and leave. */
import { arrange, same } from '../axes/arrange.js';
import { type Axis, pin, product } from '../axes/axis.js';
import { intAttr, stringAttr } from '../ir/node.js';
import { parseEquation } from './einsum-equation.js';
import { type FlowRule, gives, reads, sameBroadcast } from './flow.js';

export const matMul: FlowRule = (f, node) => {
  const [as, bs, ys] = [f.axes(reads(node, 0)), f.axes(reads(node, 1)), f.axes(gives(node))];
  const inner = as.length - 1;
  const innerOfB = Math.max(0, bs.length - 2);
  same(as[inner]!, bs[innerOfB]!);
  f.sums(0, inner);
  f.sums(1, innerOfB);
  f.multiplies([...ys, as[inner]!]);
  const isMatrix = [as.length > 1, bs.length > 1];
  if (isMatrix[1]) same(bs.at(-1)!, ys.at(-1)!);
  if (isMatrix[0]) same(as.at(-2)!, ys.at(isMatrix[1] ? -2 : -1)!);
  const batch = ys.slice(0, ys.length - isMatrix.filter(Boolean).length);
  for (const stack of [as, bs]) sameBroadcast(stack.slice(0, -2), batch);
};

export const gemm: FlowRule = (f, node) => {
  const [as, bs, ys] = [f.axes(reads(node, 0)), f.axes(reads(node, 1)), f.axes(gives(node))];
  const [innerOfA, innerOfB] = [intAttr(node, 'transA', 0) ? 0 : 1, intAttr(node, 'transB', 0) ? 1 : 0];
  same(as[innerOfA]!, bs[innerOfB]!);
  f.sums(0, innerOfA);
  f.sums(1, innerOfB);
  f.multiplies([...ys, as[innerOfA]!]);
  same(as[1 - innerOfA]!, ys[0]!);
  same(bs[1 - innerOfB]!, ys[1]!);
  const bias = node.inputs[2];
  if (bias) sameBroadcast(f.axes(bias), ys);
};

/** Channels are groups times channels of a group; each group is a matrix of its own. */
const convolution =
  (inOfWeight: 0 | 1): FlowRule =>
  (f, node) => {
    const [xs, ws, ys] = [f.axes(reads(node, 0)), f.axes(reads(node, 1)), f.axes(gives(node))];
    const bias = node.inputs[2];
    const group = intAttr(node, 'group', 1);
    const [groups, ins] = arrange([xs[1]!], [group, xs[1]!.size / group]) as [Axis, Axis];
    const [twins, outs] = arrange([ys[1]!], [group, ys[1]!.size / group]) as [Axis, Axis];
    same(groups, twins);
    same(xs[0]!, ys[0]!);
    // the one of the weight's first two axes that is over all groups
    same(ws[0]!, product([groups, inOfWeight === 0 ? ins : outs]));
    same(ws[1]!, inOfWeight === 0 ? outs : ins);
    if (bias) same(f.axes(bias)[0]!, ys[1]!);
    f.sums(1, inOfWeight);
    // one for each place that the window is laid on: of the output, or of the input that is spread out
    f.multiplies([...(inOfWeight === 1 ? ys : xs), ...ws.slice(1)]);
    if (group > 1) f.holds({ attr: 'group' }, [[groups]]);
    for (const each of [...xs.slice(2), ...ys.slice(2), ...ws.slice(2)]) pin(each, 'a window moves along it');
  };

export const conv = convolution(1);
export const convTranspose = convolution(0);

export const einsum: FlowRule = (f, node) => {
  const operands = node.inputs.filter((x) => x !== null);
  const { terms, output } = parseEquation(
    stringAttr(node, 'equation', ''),
    operands.map((x) => f.axes(x).length),
  );
  const rows: readonly (readonly [string, readonly Axis[]])[] = [
    ...operands.map((x, i) => [terms[i]!, f.axes(x)] as const),
    [output, f.axes(gives(node))],
  ];
  const first = new Map<string, Axis>();
  for (const [labels, axes] of rows) {
    for (const [at, label] of [...labels].entries()) {
      const known = first.get(label);
      if (known && known.size === axes[at]!.size) same(known, axes[at]!);
      else if (axes[at]!.size > 1 || !known) first.set(label, axes[at]!);
    }
  }
  f.multiplies([...first.values()]);
  for (const [input, labels] of terms.entries()) {
    for (const [at, label] of [...labels].entries()) if (!output.includes(label)) f.sums(input, at);
  }
};
