/** kindsOf: what the units of groups are to those who take them out: channels, neurons, heads. */
import { type Atom, type Axis, atomsOf, found } from '../axes/axis.js';
import type { Node, Value } from '../ir/types.js';
import type { Flows } from './flows.js';
import type { Group } from './groups.js';
import { streamUnits } from './streams.js';

export type Kind = keyof typeof kinds;

/** By name, what they are. */
export const kinds = {
  channels: 'channels that a convolution makes',
  'stream-channels': 'channels of a residual stream, in every layer that adds to it',
  neurons: 'neurons between two matrices',
  heads: 'attention heads; where keys are shared, one of each group',
  'kv-groups': 'keys and values that several heads share, and these heads',
  'head-width': 'what each head has of queries and keys, or of values',
  'recurrent-units': 'states of a recurrent layer',
  width: 'of what norms see: the width of a whole residual stream',
} as const;

/** In the order of `groups`. */
export function kindsOf(flows: Flows, groups: readonly Group[]): Kind[] {
  const { graph, axes } = flows;
  const attention = graph.nodes.filter((node) => isOfActivations(node, graph.initializers));
  const inBatch = attention.flatMap(({ inputs }) => inputs.flatMap((x) => axes.get(x!)?.slice(0, -2) ?? []));
  const heads = new Set(inBatch.flatMap(atomsOf));
  const besideOthers = new Set(
    inBatch
      .map(atomsOf)
      .filter((atoms) => free(atoms).length > 1)
      .map(([slowest]) => slowest!),
  );
  const partners = partnersOf([...axes.values()].flat(), heads);
  const streams = streamUnits(flows);
  return groups.map(({ units, sums, means, weights }) => {
    if (means.length > 0) return 'width';
    if (sums.some(({ node, input }) => /^(LSTM|GRU|RNN)$/.test(node.op) && input === 2)) return 'recurrent-units';
    if (heads.has(units)) return besideOthers.has(units) ? 'kv-groups' : 'heads';
    if (partners.has(units)) return 'head-width';
    const made = new Set(weights.map(({ value }) => value));
    const isMade = (node: Node): boolean => /^Conv(Transpose)?$/.test(node.op) && made.has(node.inputs[1]!);
    const isChannels = graph.nodes.some((node) => isMade(node) && lies(units, axes.get(node.outputs[0]!)![1]!));
    return !isChannels ? 'neurons' : streams.has(units) ? 'stream-channels' : 'channels';
  });
}

const isOfActivations = ({ op, inputs }: Node, stored: ReadonlyMap<Value, unknown>): boolean =>
  op === 'MatMul' && inputs.every((x) => x && !stored.has(x));

const lies = (units: Atom, axis: Axis): boolean => atomsOf(axis).includes(units);

const free = (atoms: readonly Atom[]): Atom[] => atoms.filter(({ form }) => form.pinned === undefined);

/** What there is of every head: the other factors of products with heads. */
function partnersOf(all: readonly Axis[], heads: ReadonlySet<Atom>): Set<Atom> {
  const partners = new Set<Atom>();
  for (const factors of new Set(all.flatMap(productsIn))) {
    const atoms = factors.flatMap(atomsOf);
    if (atoms.some((atom) => heads.has(atom))) for (const atom of atoms) if (!heads.has(atom)) partners.add(atom);
  }
  return partners;
}

function productsIn(axis: Axis): (readonly Axis[])[] {
  const { form } = found(axis);
  if (form.kind === 'product') return [form.factors, ...form.factors.flatMap(productsIn)];
  return form.kind === 'sum' ? form.parts.flatMap(productsIn) : [];
}
