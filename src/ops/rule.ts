/** How gradient rules are written: one line of mathematics each, the bookkeeping here. */
import type { Node, Value } from '../ir/types.js';
import { type FlowRule, pointwise } from './flow.js';
import type { OpDef } from './op.js';
import type { Tape } from './tape.js';

type UnaryRule = (g: Tape, dy: Value, x: Value, y: Value, node: Node) => Value;

/** One input, one output: `unary((g, dy, x, y) => g.mul(dy, g.sub(g.num(x, 1), g.mul(y, y))))`. */
export const unary = (rule: UnaryRule, flow?: FlowRule): OpDef => ({
  ...(flow && { flow }),
  vjp: (g, [dy], node) => [rule(g, dy as Value, node.inputs[0] as Value, node.outputs[0] as Value, node)],
});

/** As `unary`, of an op that takes every element for itself. */
export const elementwise = (rule: UnaryRule): OpDef => unary(rule, pointwise);

/** Two inputs broadcast against each other: cotangents come in the shape of the output, and are summed back here. */
export const binary = (
  rule: (g: Tape, dy: Value, a: Value, b: Value, y: Value, node: Node) => readonly [Value | null, Value | null],
): OpDef => ({
  flow: pointwise,
  vjp(g, [dy], node) {
    const [a, b] = node.inputs as [Value, Value];
    const y = node.outputs[0] as Value;
    const [da, db] = rule(g, dy as Value, a, b, y, node);
    return [da && g.unbroadcast(da, y, a, b), db && g.unbroadcast(db, y, b, a)];
  },
});

/** Piecewise constant, or not about numbers: nothing flows back. */
export const flat: OpDef = { vjp: (_g, _dy, node) => node.inputs.map(() => null) };
