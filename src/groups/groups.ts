/** groupsOf: the units of a graph that can be taken out, each group of them everywhere it lies. */
import { type Atom, atomsOf } from '../axes/axis.js';
import type { Graph, Value } from '../ir/types.js';
import type { Flows, Site } from './flows.js';

/** Units that go one by one, each from all of these places at once. */
export interface Group {
  /** How many units there are, and what stands for them in axes. */
  readonly units: Atom;
  /** Axes of weights that hold them. */
  readonly weights: readonly Place[];
  /** Where sums are taken over them: with zeros there, a unit is as good as gone. */
  readonly sums: readonly Site[];
  /** Where means are taken over them: without a unit, over those that are left. */
  readonly means: readonly Site[];
}

export interface Place {
  readonly value: Value;
  readonly axis: number;
}

const canGo = ({ form }: Atom): boolean => form.pinned === undefined;

/**
 * Those that at least one weight holds and one sum is taken over, in the order of the graph's weights.
 * @param isFree which units are of use; default: those that can go.
 */
export function groupsOf({ graph, axes, sums, means }: Flows, isFree: (units: Atom) => boolean = canGo): Group[] {
  const weights = new Map<Atom, Place[]>();
  for (const value of weightsOf(graph)) {
    for (const [at, each] of (axes.get(value) ?? []).entries()) {
      for (const atom of atomsOf(each)) append(weights, atom, { value, axis: at });
    }
  }
  const [summed, averaged] = [sums, means].map((sites) => {
    const byAtom = new Map<Atom, Site[]>();
    for (const site of sites) {
      const over = axes.get(site.node.inputs[site.input]!)![site.axis]!;
      for (const atom of atomsOf(over)) append(byAtom, atom, site);
    }
    return byAtom;
  }) as [Map<Atom, Site[]>, Map<Atom, Site[]>];
  return [...weights].flatMap(([units, places]) => {
    const sites = summed.get(units);
    const means = averaged.get(units) ?? [];
    return isFree(units) && units.size > 1 && sites ? [{ units, weights: places, sums: sites, means }] : [];
  });
}

/** Initializers, and tensors of one number that stand for weights in models without them. */
function* weightsOf({ initializers, nodes }: Graph): Generator<Value> {
  yield* initializers.keys();
  for (const { op, outputs } of nodes) if (op === 'ConstantOfShape' && outputs[0]) yield outputs[0];
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
