/** grad: reverse-mode differentiation, more nodes behind the ones that are there. */
import { UserError } from '../errors.js';
import { valuesByName } from '../ir/graph.js';
import type { Graph, TensorType, Value } from '../ir/types.js';
import { namesIn } from '../ops/builder.js';
import { Tape } from '../ops/tape.js';
import { isFloat } from '../tensor/dtype.js';
import { type Flow, walk } from './walk.js';

export interface Gradient {
  /** The graph with the gradient's nodes appended; its outputs are those it had. */
  readonly graph: Graph;
  /** For each of `wrt`, the value that holds its gradient, in its shape and type; zeros where `of` does not depend on it. */
  readonly gradients: ReadonlyMap<Value, Value>;
  /** Every cotangent that a rule gave, for `checkGradient`. */
  readonly flows: readonly Flow[];
}

export interface GradOptions {
  /** Of every value between `wrt` and `of`, as `annotate` returns them. Sizes may be symbolic; ranks must be known. */
  readonly types: ReadonlyMap<Value, TensorType>;
  /** The cotangent of `of`, a value of the graph in its shape; default ones: the gradient of the sum. */
  readonly seed?: Value;
  /** Names that the gradient's nodes must leave free. */
  readonly reserved?: Iterable<string>;
}

/**
 * Appends the gradient of `of` with respect to inputs, initializers, constants or inner values, in standard ops.
 * Two cotangents that meet are added in pairs; nothing flows through `stop`.
 * @throws UserError (exit 3) naming the first op without a rule that a cotangent reaches.
 */
export function grad(graph: Graph, of: Value, wrt: readonly Value[], options: GradOptions): Gradient {
  const { types, seed, reserved = [] } = options;
  checkValues(graph, [of, ...wrt], types);
  const flows: Flow[] = [];
  const g = new Tape(graph, { types, taken: [...namesIn(graph), ...reserved], backward: walk() });
  const start = seed ?? g.op('Expand', [g.num(of, 1), g.shapeOf(of)]);
  const found = walk({ flow: (flow) => flows.push(flow) })(g, graph, new Map([[of, start]]), wrt);
  const gradients = new Map(wrt.map((value) => [value, found.get(value) ?? g.zerosLike(value)]));
  return { graph: g.appendTo(graph), gradients, flows };
}

function checkValues(graph: Graph, values: readonly Value[], types: ReadonlyMap<Value, TensorType>): void {
  const known = valuesByName(graph);
  for (const value of values) {
    if (known.get(value.name) !== value)
      throw new UserError('grad', `expected a value of the graph, got '${value.name}'`);
    const dtype = (types.get(value) ?? value.type ?? graph.initializers.get(value))?.dtype;
    if (dtype && !isFloat(dtype))
      throw new UserError('grad', `expected a floating-point value, got '${value.name}' of ${dtype}`);
  }
}
