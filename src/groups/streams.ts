/** streamUnits: channels of residual streams: several convolutions make them, and sums bring together what these made. */
import { type Atom, atomsOf } from '../axes/axis.js';
import { isDefaultDomain } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import type { Flows } from './flows.js';

type Makers = ReadonlySet<Node>;

/** Units that a sum has from convolutions which its other terms do not come from. */
export function streamUnits({ graph, axes }: Flows): ReadonlySet<Atom> {
  const makers = new Map<Value, ReadonlyMap<Atom, Makers>>();
  const streams = new Set<Atom>();
  const unitsOf = (value: Value): Atom[] => (axes.get(value) ?? []).flatMap(atomsOf);
  for (const node of graph.nodes) {
    const made = madeBy(node, unitsOf, axes);
    const given = node.inputs.flatMap((x) => (x && makers.get(x)) ?? []);
    for (const y of node.outputs) {
      if (!y) continue;
      const own = new Map<Atom, Makers>();
      for (const units of unitsOf(y)) {
        const terms = given.flatMap((each) => each.get(units) ?? []);
        if (made.has(units)) own.set(units, new Set([node]));
        else if (terms.length > 0) own.set(units, all(terms));
        if (isSum(node) && terms.some((one) => terms.some((other) => areApart(one, other)))) streams.add(units);
      }
      if (own.size > 0) makers.set(y, own);
    }
  }
  return streams;
}

/** Groups of a grouped convolution come in and go out, as do the channels of a depthwise one: it makes what each group has. */
function madeBy(
  { op, inputs }: Node,
  unitsOf: (value: Value) => readonly Atom[],
  axes: Flows['axes'],
): ReadonlySet<Atom> {
  const weight = /^Conv(Transpose)?$/.test(op) ? axes.get(inputs[1]!) : undefined;
  if (!weight) return new Set();
  const [first, second] = [atomsOf(weight[0]!), atomsOf(weight[1]!)];
  if (op === 'ConvTranspose') return new Set(second);
  const groups = unitsOf(inputs[0]!).filter((units) => !second.includes(units));
  return new Set(first.filter((units) => !groups.includes(units)));
}

const isSum = ({ op, domain }: Node): boolean => (op === 'Add' || op === 'Sum') && isDefaultDomain(domain);

/** A gate or a depthwise convolution beside what it is made of adds nobody else's units. */
const areApart = (one: Makers, other: Makers): boolean => lacks(one, other) && lacks(other, one);

const lacks = (one: Makers, other: Makers): boolean => [...other].some((node) => !one.has(node));

const all = (sets: readonly Makers[]): Makers =>
  sets.length === 1 ? sets[0]! : new Set(sets.flatMap((set) => [...set]));
