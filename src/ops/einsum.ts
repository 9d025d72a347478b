/** Einsum: the gradient of each operand is an Einsum of the cotangent and the other operands. */
import { stringAttr } from '../ir/node.js';
import type { Dimension, Value } from '../ir/types.js';
import { type Equation, freshLabels, parseEquation } from './einsum-equation.js';
import { einsum } from './flow-products.js';
import { type OpDef, refused } from './op.js';
import type { Tape } from './tape.js';

export const Einsum: OpDef = {
  flow: einsum,
  weights: (node, context) =>
    refused(
      node,
      [0, 1, 2, 3],
      context,
      'a constant in an Einsum is not taken as a matrix; export the product as MatMul',
    ),
  vjp(g, [dy], node, isWanted) {
    const operands = node.inputs as readonly Value[];
    const ranks = operands.map((x) => g.rank(x));
    const equation = parseEquation(stringAttr(node, 'equation', ''), ranks);
    return operands.map((x, i) => (isWanted(x) ? towards(g, dy as Value, operands, equation, i) : null));
  },
};

function towards(g: Tape, dy: Value, operands: readonly Value[], equation: Equation, index: number): Value {
  const x = operands[index] as Value;
  const { terms, output } = equation;
  const inputs = [dy, ...operands.filter((_, i) => i !== index)];
  const labels = [output, ...terms.filter((_, i) => i !== index)];
  const used = [...terms, output].join('');
  const spare = [...freshLabels(used, g.rank(x))];
  let target = '';
  for (const [axis, label] of [...(terms[index] as string)].entries()) {
    const first = target.includes(label) ? (spare.shift() as string) : label;
    // a label that the operand repeats reads its diagonal, so only that receives
    if (first !== label) {
      inputs.push(identity(g, x, axis));
      labels.push(label + first);
    } else if (!labels.join('').includes(label) && !repeats(terms[index] as string, label)) {
      inputs.push(g.op('Expand', [g.num(x, 1), sizeAt(g, x, axis)]));
      labels.push(label);
    }
    target += first;
  }
  const d = g.op('Einsum', inputs, { equation: `${labels.join(',')}->${target}` });
  const whole = { name: x.name, type: { dtype: g.dtype(x), shape: sizesOf(g, operands, equation, index) } };
  return g.unbroadcast(d, whole, x);
}

const repeats = (term: string, label: string): boolean => term.indexOf(label) !== term.lastIndexOf(label);

/** The sizes that the labels of one operand have over all operands: those of ellipses may be broadcast. */
function sizesOf(g: Tape, operands: readonly Value[], { terms, broadcast }: Equation, index: number): Dimension[] {
  return [...(terms[index] as string)].map((label, axis) => {
    const own = g.dims(operands[index] as Value)[axis] as Dimension;
    const all = terms.flatMap((term, i) =>
      [...term].flatMap((other, at) => (other === label ? [g.dims(operands[i] as Value)[at] as Dimension] : [])),
    );
    const fixed = all.find((size) => typeof size === 'number' && size !== 1);
    if (fixed !== undefined) return fixed;
    return broadcast.has(label) ? (all.find((size) => size !== 1 && size !== own) ?? own) : own;
  });
}

const sizeAt = (g: Tape, x: Value, axis: number): Value => {
  const size = g.size(x, axis);
  return size === undefined ? g.op('Shape', [x], { start: axis, end: axis + 1 }) : g.ints([size]);
};

/** [n, n] with ones on the diagonal, n being the size of `x` along `axis`. */
function identity(g: Tape, x: Value, axis: number): Value {
  const size = g.squeeze(sizeAt(g, x, axis), [0]);
  const [zero, one] = [g.squeeze(g.ints([0]), [0]), g.squeeze(g.ints([1]), [0])];
  const places = g.op('Range', [zero, size, one]);
  return g.cast(g.op('Equal', [g.unsqueeze(places, [1]), places]), g.dtype(x));
}
