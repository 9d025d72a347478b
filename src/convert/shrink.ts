/** shrink: a model without the channels, neurons, heads and states that its zeros make useless. */
import { type Axis, kept } from '../axes/axis.js';
import { randomSamples } from '../data/random-samples.js';
import { feedsFor } from '../data/samples.js';
import { unsupported } from '../errors.js';
import { apart } from '../groups/apart.js';
import { type Flows, flowsOf } from '../groups/flows.js';
import { type Group, groupsOf } from '../groups/groups.js';
import { holdingsOf } from '../groups/holdings.js';
import { kindsOf } from '../groups/kinds.js';
import { mask } from '../groups/mask.js';
import { shrink as withoutUnits } from '../groups/shrink.js';
import { feeds } from '../ir/graph.js';
import type { Graph } from '../ir/types.js';
import { findLayers } from '../ops/layers.js';
import { annotate } from '../runtime/annotate.js';
import type { Tensor } from '../tensor/tensor.js';
import { deadUnits } from './dead-units.js';
import { type ConvertedTensor, type ConvertTask, target } from './target.js';

/** Largest difference relative to the largest number of an output: sums of fewer numbers are rounded otherwise. */
const tolerance = 1e-5;

export const shrink = target({
  name: 'shrink',
  summary: 'the same function without channels, neurons, heads or states that are zero or that only zeros read',
  writes: 'onnx',
  options: {
    multiple: {
      default: 8,
      about: 'counts that stay are multiples of it, zeros filling up: kernels of the runtime like widths of 8',
      from: 1,
      to: 1024,
      whole: true,
    },
  },
  async convert(task, { multiple }) {
    const flows = await flowsOf(task.copy());
    const { layers } = findLayers(flows.graph);
    const all = groupsOf(flows).filter(({ means }) => means.length === 0);
    const kinds = kindsOf(flows, all);
    const found = all.flatMap((group, i) => {
      const holdings = holdingsOf(flows, group, layers);
      const names = group.weights.map(({ value }) => value.name);
      if (!task.isChosen(...names)) return [];
      const dead = deadUnits(flows, group, holdings);
      const isCounted = kinds[i] === 'heads' || kinds[i] === 'kv-groups';
      const living = livingOf(dead, isCounted ? 1 : multiple);
      const name = (holdings.makes[0]?.layer ?? holdings.reads[0]?.layer)?.name ?? names[0]!;
      return living.includes(0) ? [{ group, living, kind: kinds[i]!, name }] : [];
    });
    const inputs = await inputsOf(flows.graph, task);
    const proven: Proven[] = [];
    for (const each of found) {
      task.signal.throwIfAborted();
      const masked = mask(flows, new Map<Axis, Uint8Array>([[each.group.units, each.living]]));
      if ((await apart(masked, flows.graph, inputs, optionsOf(task))) <= tolerance) proven.push(each);
    }
    if (proven.length === 0) {
      throw unsupported(
        'shrink',
        `expected units that are zero, or that only zeros read, got none${found.length > 0 ? ' without which outputs stay' : ` in ${all.length} groups`} (in multiples of ${multiple}); take them out with scalpel shrink`,
      );
    }
    const living = new Map(proven.map((each): [Axis, Uint8Array] => [each.group.units, each.living]));
    const graph = withoutUnits(flows, living, task.model.graph);
    return {
      made: { kind: 'model', model: { ...task.model, graph } },
      tensors: smaller(flows, task.model.graph, graph, living),
      notes: [
        ...proven.map(({ name, kind, living: own }) => `${own.length} ${kind} of '${name}' became ${count(own)}`),
        ...(proven.length < found.length
          ? [`${found.length - proven.length} groups with zeros stayed, as outputs change without them`]
          : []),
      ],
    };
  },
});

interface Proven {
  readonly group: Group;
  readonly living: Uint8Array;
  readonly kind: string;
  readonly name: string;
}

const count = (living: Uint8Array): number => living.reduce((sum, stays) => sum + stays, 0);

/** @param dead 1 where a unit is. @returns 1 where it stays: all that live, one at least, and as many dead ones as fill up a multiple. */
function livingOf(dead: Uint8Array, multiple: number): Uint8Array {
  const living = dead.map((gone) => 1 - gone);
  const wanted = Math.min(dead.length, Math.max(1, Math.ceil(count(living) / multiple)) * multiple);
  for (let unit = 0, left = wanted - count(living); unit < dead.length && left > 0; unit++) {
    if (living[unit]) continue;
    living[unit] = 1;
    left--;
  }
  return living;
}

const optionsOf = ({ threads }: ConvertTask) => (threads === undefined ? {} : { threads });

async function inputsOf(graph: Graph, { batches }: ConvertTask): Promise<ReadonlyMap<string, Tensor>> {
  const [first] = batches ?? [];
  const batch = first ?? randomSamples(graph, await annotate(graph), 0).batch(0, 1);
  return new Map([...feedsFor(feeds(graph), batch)].map(([{ name }, t]) => [name, t]));
}

function smaller(
  { axes }: Flows,
  before: Graph,
  after: Graph,
  living: ReadonlyMap<Axis, Uint8Array>,
): ConvertedTensor[] {
  const made = new Map([...after.initializers].map(([{ name }, t]) => [name, t]));
  const cut = new Set(
    [...axes].flatMap(([{ name }, own]) => (own.some((axis) => kept(axis, living).includes(0)) ? [name] : [])),
  );
  return [...before.initializers].flatMap(([{ name }, t]) => {
    const now = made.get(name);
    if (!cut.has(name) || !now) return [];
    const bytes = { before: t.payload.byteLength, after: now.payload.byteLength };
    return [{ name, from: `${t.dtype}[${t.shape}]`, to: `${now.dtype}[${now.shape}]`, bytes }];
  });
}
