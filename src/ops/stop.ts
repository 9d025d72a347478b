/** A value without its gradient. */
import type { Node, Value } from '../ir/types.js';
import type { Builder } from './builder.js';

// travels in `origin`, which rewrites keep and files never see
const mark = Symbol('stop');

/** `x` again, through an Identity that differentiation does not cross. */
export function stop(g: Builder, x: Value): Value {
  const y = g.value('stop', x.type);
  g.nodes.push({ name: y.name, op: 'Identity', domain: '', inputs: [x], outputs: [y], attrs: {}, origin: mark });
  return y;
}

export const isStop = (node: Node): boolean => node.origin === mark;
