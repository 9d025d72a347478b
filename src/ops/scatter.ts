/** Gradient rules of ScatterElements and ScatterND: one set of formulas over two ways to reach cells. */
import { intAttr, stringAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import type { OpDef } from './op.js';
import type { Tape } from './tape.js';

/** What happens at the cells that the indices point at. */
interface Cells {
  take(from: Value): Value;
  put(onto: Value, updates: Value, reduction?: 'add' | 'mul'): Value;
}

interface Scatter {
  readonly dy: Value;
  readonly data: Value;
  readonly updates: Value;
  readonly y: Value;
  readonly cells: Cells;
}

type Rule = (g: Tape, scatter: Scatter) => readonly [ofData: Value, ofUpdates: Value];

const rules: Readonly<Record<string, Rule>> = {
  /** Which of several updates of one cell stays is not defined: each gets the cell's cotangent. */
  none: (g, { dy, updates, cells }) => [cells.put(dy, g.zerosLike(updates)), cells.take(dy)],
  add: (_g, { dy, cells }) => [dy, cells.take(dy)],
  mul: product,
  max: extremum,
  min: extremum,
};

/**
 * To a factor u, dy times the product of all others: that of the nonzero ones, over u unless u is zero itself; nothing
 * where another one is zero.
 */
function product(g: Tape, { dy, data, updates, cells }: Scatter): readonly [Value, Value] {
  const dtype = g.dtype(data);
  const isZero = g.cast(g.op('Equal', [updates, g.num(updates, 0)]), dtype);
  const safe = g.add(updates, isZero);
  const zerosAt = cells.take(cells.put(g.zerosLike(data), isZero, 'add'));
  const others = g.div(cells.take(cells.put(data, safe, 'mul')), safe);
  const isOnly = g.cast(g.op('Equal', [zerosAt, isZero]), dtype);
  return [cells.put(dy, updates, 'mul'), g.mul(cells.take(dy), g.mul(others, isOnly))];
}

/** All that equal the result share its cotangent equally, as in ReduceMax. */
function extremum(g: Tape, { dy, data, updates, y, cells }: Scatter): readonly [Value, Value] {
  const dtype = g.dtype(data);
  const ofData = g.cast(g.op('Equal', [data, y]), dtype);
  const ofUpdates = g.cast(g.op('Equal', [updates, cells.take(y)]), dtype);
  const share = g.div(dy, cells.put(ofData, ofUpdates, 'add'));
  return [g.mul(share, ofData), g.mul(cells.take(share), ofUpdates)];
}

const scatter = (cellsOf: (g: Tape, node: Node) => Cells): OpDef => ({
  vjp(g, [dy], node) {
    const [data, , updates] = node.inputs as [Value, Value, Value];
    const rule = rules[stringAttr(node, 'reduction', 'none')]!;
    const known = { dy: dy as Value, data, updates, y: node.outputs[0] as Value };
    const [ofData, ofUpdates] = rule(g, { ...known, cells: cellsOf(g, node) });
    return [ofData, null, ofUpdates];
  },
});

export const ScatterElements = scatter((g, node) => {
  const axis = intAttr(node, 'axis', 0);
  const indices = node.inputs[1] as Value;
  return {
    take: (from) => g.op('GatherElements', [from, indices], { axis }),
    put: (onto, updates, reduction) => g.op('ScatterElements', [onto, indices, updates], { axis, reduction }),
  };
});

export const ScatterND = scatter((g, node) => {
  const indices = node.inputs[1] as Value;
  return {
    take: (from) => g.op('GatherND', [from, indices]),
    put: (onto, updates, reduction) => g.op('ScatterND', [onto, indices, updates], { reduction }),
  };
});
