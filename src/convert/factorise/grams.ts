/** Gram matrices of what layers multiply, taken from the working copy for a few layers at a time. */
import { type ObserveOptions, observe } from '../../calibrate/observe.js';
import { feedsFor } from '../../data/samples.js';
import { feeds } from '../../ir/graph.js';
import type { Graph, Value } from '../../ir/types.js';
import { findLayers, type Layer } from '../../ops/layers.js';
import type { Tensor } from '../../tensor/tensor.js';

/** Entries of Gram matrices that are in memory together: 256 MB. */
const mostEntries = 2 ** 25;

type Batches = Iterable<ReadonlyMap<Value, Tensor>>;

/**
 * By layer, asked for in the order given: [columns, columns], or undefined for one that the copy does not have.
 * @param batches is read once for each group of layers.
 * @param onMissing is told of layers that the copy has not.
 */
export function gramsOf(
  copy: Graph,
  layers: readonly Layer[],
  batches: Batches,
  options: ObserveOptions,
  onMissing: (layer: Layer) => void,
): (layer: Layer) => Promise<Float64Array | undefined> {
  const own = new Map(findLayers(copy).layers.map((layer) => [layer.name, layer]));
  const groups = groupsOf(
    layers.filter((layer) => {
      if (own.has(layer.name)) return true;
      onMissing(layer);
      return false;
    }),
  );
  let seen = new Map<string, Float64Array>();
  return async (layer) => {
    const group = groups.find((each) => each.includes(layer));
    if (!group) return undefined;
    if (!seen.has(layer.name)) {
      seen = new Map();
      const observed = group.map(({ name }) => own.get(name)!);
      const statistics = await observe(copy, observed, ['gram'], fed(copy, batches), options);
      seen = new Map([...statistics].map(([{ name }, { gram }]) => [name, gram!]));
    }
    return seen.get(layer.name);
  };
}

const fed = (copy: Graph, batches: Batches): Batches => ({
  *[Symbol.iterator]() {
    for (const batch of batches) yield feedsFor(feeds(copy), batch);
  },
});

function groupsOf(layers: readonly Layer[]): Layer[][] {
  const groups: Layer[][] = [];
  let room = 0;
  for (const layer of layers) {
    const entries = layer.layout.columns ** 2;
    if (room < entries) {
      groups.push([]);
      room = mostEntries;
    }
    groups.at(-1)!.push(layer);
    room -= entries;
  }
  return groups;
}
