/** A part of a network as a graph: weights drawn from the seed, inputs and outputs by name. */
import { Builder } from '../../dist/ops/builder.js';
import { substitute } from '../../dist/rewrite/substitute.js';
import { partsIn } from './parts.mjs';

/** The oldest that losses are emitted for. */
const opset = 18;

/** @param batch samples at a time, or the name of their number. */
export function graphOf({ inputs, outputs, emit }, context, batch) {
  const fed = declared(inputs, batch);
  const told = declared(outputs, batch);
  const g = new Builder([...Object.keys(inputs), ...Object.keys(outputs)], 'net');
  const made = emit(partsIn(g, context.seed), fed, context);
  const names = new Map(Object.entries(told).map(([name, value]) => [made[name], value]));
  const graph = {
    name: 'net',
    opsets: new Map([['', opset]]),
    inputs: Object.values(fed),
    outputs: Object.values(told),
    nodes: g.nodes,
    initializers: g.initializers,
    functions: [],
  };
  return substitute(graph, (value) => names.get(value) ?? value);
}

const declared = (shapes, batch) =>
  Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      { name, type: { dtype: 'float32', shape: [batch, ...shape] } },
    ]),
  );
