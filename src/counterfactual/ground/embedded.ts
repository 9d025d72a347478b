/** Embedded: a model given beside the one that is explained, taken into a graph: an autoencoder, its halves, or a density. */
import { UserError } from '../../errors.js';
import { feeds } from '../../ir/graph.js';
import type { Graph, Value } from '../../ir/types.js';
import type { Builder } from '../../ops/builder.js';
import type { Scaling } from '../../oracle/bounds.js';
import type { Network } from '../../oracle/network.js';
import { call } from '../../rewrite/call.js';

export interface Embedded {
  readonly name: string;
  /** @param x float32 [batch, size], in the search's range. @returns [batch, width]; for a density [batch]. */
  emit(g: Builder, x: Value): Value;
}

/** What goes in or comes out of an embedded model. */
export type End =
  /** Examples: scaled between the search's range and the input's units, and shaped as the explained model takes them. */
  | { readonly kind: 'examples'; readonly network: Pick<Network, 'sizes' | 'space'>; readonly scaling: Scaling }
  /** Numbers without a meaning of their own, such as latent ones: [batch, width]. */
  | { readonly kind: 'latent' }
  /** One number an example. */
  | { readonly kind: 'number' };

/**
 * @param graph a working copy of opset 21 with one input. @param output its name; default: the only one.
 * @throws UserError for a model of other inputs or outputs.
 */
export function embedded(name: string, graph: Graph, ends: { from: End; to: End }, output?: string): Embedded {
  const inputs = feeds(graph);
  const found = output === undefined ? graph.outputs : graph.outputs.filter((value) => value.name === output);
  if (inputs.length !== 1 || found.length !== 1) {
    const listed = (values: readonly Value[]): string => values.map((value) => `'${value.name}'`).join(', ') || 'none';
    throw new UserError(
      name,
      `expected a model of one input and ${output === undefined ? 'one output' : `the output '${output}'`}, got inputs ${listed(inputs)} and outputs ${listed(graph.outputs)}; give another`,
    );
  }
  checkEnd(name, inputs[0]!, ends.from, 'takes');
  checkEnd(name, found[0]!, ends.to, 'gives');
  const body: Graph = { ...graph, outputs: found };
  return {
    name,
    emit(g, x) {
      const [made] = call(g, body, [fed(g, x, ends.from)]);
      return taken(g, made!, ends.to);
    },
  };
}

/** What sizes the file declares are held against those of the explained model. */
function checkEnd(name: string, { type }: Value, end: End, verb: 'takes' | 'gives'): void {
  if (end.kind !== 'examples' || !type) return;
  const { size } = end.network.space;
  const sizes = type.shape?.slice(1);
  const declared = sizes?.every((each) => typeof each === 'number') ? sizes.reduce((all, each) => all * each, 1) : size;
  if (type.dtype === 'float32' && declared === size) return;
  throw new UserError(
    name,
    `expected a model that ${verb} float32 examples of ${size} numbers, got ${type.dtype}[${type.shape?.join(', ') ?? ''}]; give another`,
  );
}

function fed(g: Builder, x: Value, end: End): Value {
  if (end.kind !== 'examples') return x;
  const { scale, shift } = end.scaling;
  const units = g.add(g.mul(x, g.floats(scale)), g.floats(shift));
  const { sizes, space } = end.network;
  const placed = space.channelsLast ? turned(g, units, space.channels, space.positions) : units;
  return sizes.length === 1 ? placed : g.reshape(placed, [-1, ...sizes]);
}

/** Rows of [outer, inner] to rows of [inner, outer]. */
const turned = (g: Builder, rows: Value, outer: number, inner: number): Value =>
  g.reshape(g.transpose(g.reshape(rows, [-1, outer, inner]), [0, 2, 1]), [-1, outer * inner]);

function taken(g: Builder, y: Value, end: End): Value {
  if (end.kind === 'number') return g.reshape(y, [-1]);
  if (end.kind === 'latent') return g.op('Flatten', [y], { axis: 1 });
  const { scale, shift } = end.scaling;
  const { space } = end.network;
  const rows = g.op('Flatten', [y], { axis: 1 });
  const flat = space.channelsLast ? turned(g, rows, space.positions, space.channels) : rows;
  return g.op('Div', [g.sub(flat, g.floats(shift)), g.floats(scale.map((value) => value || 1))]);
}
