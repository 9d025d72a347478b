/** unitOrders: for each group of units that pruned layers read, an order in which an n:m pattern keeps more of their scores. */
import { type Atom, type Axis, atomsOf, found, ordered } from '../axes/axis.js';
import type { Flows } from '../groups/flows.js';
import type { Group } from '../groups/groups.js';
import { movableGroups, type Orders } from '../groups/permute.js';
import type { Graph } from '../ir/types.js';
import { channelOrder } from '../masks/channel-order.js';
import { type PatternSpec, patternOf, type SelectionRule } from '../masks/patterns.js';
import { checkFinite, select } from '../masks/select.js';
import type { Columns } from '../masks/stripe-scores.js';
import type { Layer } from '../ops/layers.js';
import { fromMatrices, toMatrices } from '../ops/layout.js';
import { sizeOf } from '../tensor/dtype.js';
import { random } from '../tensor/random.js';
import { take } from '../tensor/take.js';
import { dataOf, float32 } from '../tensor/tensor.js';

export interface OrderTask {
  readonly flows: Flows;
  /** Where the weights are stored that move: `flows` may be of a working copy of it. */
  readonly of: Graph;
  /** Of `flows.graph`: those that will be pruned. */
  readonly layers: readonly Layer[];
  readonly pattern: Extract<PatternSpec, { kind: 'n:m' }>;
  readonly selection: SelectionRule;
  /** [stacks * rows * columns]; asked for more than once. */
  scoresOf(layer: Layer): Promise<Float32Array>;
  readonly seed: number;
  readonly signal?: AbortSignal;
  readonly onWork?: (done: number, total: number) => void;
}

/** Units that gained by another order. */
export interface OrderedUnits {
  readonly group: Group;
  /** By position, where the unit was before. */
  readonly order: readonly number[];
  /** Those that read the units. */
  readonly layers: readonly Layer[];
  /** Of all scores of these layers, what the pattern keeps. */
  readonly kept: { readonly before: number; readonly after: number };
}

/** In the order of the graph's weights. Groups that gain nothing are left out. */
export async function unitOrders(task: OrderTask): Promise<OrderedUnits[]> {
  const { flows, of, seed, signal, onWork } = task;
  const open = movableGroups(flows, of).flatMap((group) => {
    const readers = readersOf(task, group);
    return readers.length > 0 ? [{ group, readers }] : [];
  });
  const better: OrderedUnits[] = [];
  for (const [i, { group, readers }] of open.entries()) {
    onWork?.(i, open.length);
    const name = group.weights[0]!.value.name;
    const order = await channelOrder(await columnsOf(task, group.units, readers), keepingOf(task), {
      seed,
      name,
      ...(signal && { signal }),
      ...(onWork && { onWork: (share) => onWork(i + share, open.length) }),
    });
    if (order.every((from, at) => from === at)) continue;
    const layers = layersThatRead(task, group.units);
    const before = await keptShare(task, layers, new Map());
    const after = await keptShare(task, layers, new Map([[group.units, order]]));
    if (after > before) better.push({ group, order, layers, kept: { before, after } });
  }
  onWork?.(open.length, open.length);
  return better;
}

/** Of all scores of these layers, the part that the pattern keeps when units stand in that order. */
export async function keptShare(
  { flows, pattern, selection, scoresOf }: OrderTask,
  layers: readonly Layer[],
  orders: Orders,
): Promise<number> {
  let [kept, whole] = [0, 0];
  for (const layer of layers) {
    const { layout, stored } = layer;
    const scores = await scoresOf(layer);
    // as they are stored, so that they move as the weights do
    const moved = (flows.axes.get(layer.weight) ?? []).reduce(
      (each, axis, at) =>
        atomsOf(axis).some((atom) => orders.has(atom)) ? take(each, at, ordered(axis, orders)) : each,
      float32(stored.shape, fromMatrices(layout, scores)),
    );
    const data = toMatrices(layout, dataOf(moved) as Float32Array);
    const segment = segmentOf(layer);
    const fits = patternOf(pattern).fits(layout, segment) === null;
    const { mask } = fits
      ? select({ ...layout, data }, { pattern, group: 'row', rule: selection, segment }, layer.name)
      : { mask: undefined };
    for (let i = 0; i < data.length; i++) {
      whole += data[i]!;
      if (mask?.[i] !== 0) kept += data[i]!;
    }
  }
  return whole === 0 ? 1 : kept / whole;
}

/** How many of m stay: published code removes n. */
function keepingOf({ pattern, selection }: OrderTask): { n: number; m: number } {
  const { m } = pattern;
  return { n: m - patternOf(pattern).removal('row', m, selection).count, m };
}

/** Consecutive columns within which a pattern stays: the channels at one position of a kernel. */
const segmentOf = ({ layout: { columns, kernel = [] } }: Layer): number => columns / sizeOf(kernel);

/** A layer, and at which of its columns, in each segment, all units of a group begin. */
interface Reader {
  readonly layer: Layer;
  readonly starts: readonly number[];
}

/** Layers whose stripes are filled by units of the group alone. */
function readersOf(task: OrderTask, { units }: Group): Reader[] {
  const { m } = task.pattern;
  return task.layers.flatMap((layer) => {
    const segment = segmentOf(layer);
    const axis = columnsAxis(task.flows, layer);
    if (!axis || segment < m) return [];
    const starts = blocksOf(axis, units);
    const isWhole = (start: number): boolean =>
      start % m === 0 && (units.size % m === 0 || start + units.size === segment);
    return starts.length > 0 && starts.every(isWhole) ? [{ layer, starts }] : [];
  });
}

/** What the columns of a layer are, within a segment. */
function columnsAxis({ axes, sums }: Flows, layer: Layer): Axis | undefined {
  const [use] = layer.uses;
  const sites = sums.filter(({ node, input }) => node === use?.node && input === use.input);
  const axis = sites.length === 1 ? axes.get(use!.node.inputs[use!.input]!)?.[sites[0]!.axis] : undefined;
  return axis && axis.size === segmentOf(layer) ? axis : undefined;
}

/** Where the units lie one behind the other in an axis; nothing where they do not. */
function blocksOf(axis: Axis, units: Atom): number[] {
  const end = found(axis);
  if (end === units) return [0];
  const { form } = end;
  if (form.kind === 'sum') {
    let start = 0;
    return form.parts.flatMap((part) => {
      const from = start;
      start += part.size;
      return blocksOf(part, units).map((at) => from + at);
    });
  }
  if (form.kind !== 'product') return [];
  const last = form.factors.at(-1)!;
  if (form.factors.slice(0, -1).some((factor) => atomsOf(factor).includes(units))) return [];
  const own = blocksOf(last, units);
  return Array.from({ length: end.size / last.size }, (_, i) => own.map((at) => i * last.size + at)).flat();
}

const layersThatRead = ({ flows, layers }: OrderTask, units: Atom): Layer[] =>
  layers.filter((layer) => {
    const axis = columnsAxis(flows, layer);
    return axis && atomsOf(axis).includes(units);
  });

/** Rows that a search looks at: more say little more. */
const rowsEnough = (units: number): number => Math.max(1024, Math.floor(2.5e8 / units ** 2));

/** Scores of all that read the units, unit by unit. Of very many rows some are drawn. */
async function columnsOf(task: OrderTask, { size: units }: Atom, readers: readonly Reader[]): Promise<Columns> {
  const counts = readers.map(({ layer, starts }) => (layer.positions / segmentOf(layer)) * starts.length);
  const all = counts.reduce((sum, count) => sum + count, 0);
  const enough = rowsEnough(units);
  const name = readers[0]!.layer.name;
  const chosen =
    all <= enough
      ? undefined
      : random(task.seed, `rows of ${name}`)
          .sample(enough, all)
          .sort((a, b) => a - b);
  const rows = chosen?.length ?? all;
  const scores = new Float32Array(units * rows);
  let [to, first, next] = [0, 0, 0];
  for (const [i, { layer, starts }] of readers.entries()) {
    const data = await task.scoresOf(layer);
    checkFinite(data, layer.layout.columns, `prune '${layer.name}'`, 'score');
    const segment = segmentOf(layer);
    const count = counts[i]!;
    const isMine = (row: number): boolean => !chosen || chosen[next] === first + row;
    for (let row = 0; row < count; row++) {
      if (!isMine(row)) continue;
      next++;
      const from = Math.floor(row / starts.length) * segment + starts[row % starts.length]!;
      for (let unit = 0; unit < units; unit++) scores[unit * rows + to] = data[from + unit]!;
      to++;
    }
    first += count;
  }
  return { units, rows, scores };
}
