/** Units in another order before an n:m pattern is applied: a step of the run, which the model without it and the one with it are proven by. */
import { workingCopy as differentiableCopy } from '../../autodiff/prepare.js';
import type { Axis } from '../../axes/axis.js';
import { observe } from '../../calibrate/observe.js';
import { batchesOf, type Samples } from '../../data/index.js';
import { randomSamples } from '../../data/random-samples.js';
import { apart } from '../../groups/apart.js';
import { type Flows, flowsOf } from '../../groups/flows.js';
import { movedTensors } from '../../groups/permute.js';
import { feeds } from '../../ir/graph.js';
import type { Graph } from '../../ir/types.js';
import { findLayers, type Layer } from '../../ops/layers.js';
import { readMatrices } from '../../ops/matrices.js';
import { type Pruner, type PrunerName, pruners, type Statistics, scoreLayer } from '../../prune/index.js';
import { keptShare, type OrderedUnits, type OrderTask, unitOrders } from '../../prune/unit-orders.js';
import { plural } from '../../report/format.js';
import type { UnitOrderReport } from '../../report/unit-order-report.js';
import { bake } from '../../rewrite/bake.js';
import { storedValues } from '../../rewrite/stored-values.js';
import type { Checkpoint, Steps } from '../../run/run-directory.js';
import { annotate } from '../../runtime/annotate.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import type { CompileOptions } from '../../runtime/program.js';
import type { Tensor } from '../../tensor/tensor.js';
import { orderId } from '../unit-order.js';
import { workingCopy } from '../working-copy.js';
import type { PruneRequest } from './request.js';
import { type Scene, setScene } from './scene.js';

export interface Reordered {
  /** Of the model with its units in the new order. */
  readonly scene: Scene;
  /** What of the model is stored in another order now, by name. */
  readonly moved: ReadonlyMap<string, Tensor>;
  readonly report: UnitOrderReport;
  /** Of the order, for the model's metadata; absent where nothing moved. */
  readonly id?: string;
}

export interface ReorderWork {
  readonly request: PruneRequest;
  readonly scene: Scene;
  readonly calibration: Samples | undefined;
  readonly engine: CompileOptions;
  readonly run: Steps;
  readonly context: JobContext;
}

interface Facts {
  readonly report: UnitOrderReport;
  readonly id?: string;
}

/** Outputs may differ by rounding alone. */
const tolerance = 1e-5;

const step = 'unit-order';

/** @param batch samples that statistics are observed of at a time. */
export async function reordered(work: ReorderWork, batch: (samples: Samples) => number): Promise<Reordered> {
  const { request, scene, run } = work;
  const { tensors, facts } = (await run.checkpoint(step)) ?? (await makeStep(work, batch));
  const values = storedValues(scene.model.graph);
  const graph = bake(scene.model.graph, new Map([...tensors].map(([name, t]) => [values.get(name)!, t])));
  return { ...(facts as Facts), moved: tensors, scene: setScene(request, { ...scene.model, graph }) };
}

async function makeStep(work: ReorderWork, batch: (samples: Samples) => number): Promise<Checkpoint> {
  const { request, scene, engine, run, context } = work;
  const { model } = scene;
  const flows = await flowsOf(differentiableCopy(model.graph), {}, engine);
  const criterion = criterionOf(request.method);
  const task = await taskOf(work, flows, criterion, batch);
  const found = await unitOrders(task);
  const { proven, far } = await provenOf(work, task, found);
  const orders = ordersOf(proven);
  const left = found.length - proven.length;
  const report: UnitOrderReport = {
    criterion,
    apart: far,
    kept: {
      before: await keptShare(task, task.layers, new Map()),
      after: await keptShare(task, task.layers, orders),
    },
    groups: proven.map(({ group, layers, kept }) => ({
      units: group.units.size,
      layers: layers.map(({ name }) => name),
      kept,
    })),
    notes: [
      ...(proven.length === 0 ? ['no units of this model can be put in an order in which the pattern keeps more'] : []),
      ...(left > 0
        ? [
            `${plural(left, 'group')} of units ${left === 1 ? 'stays as it was' : 'stay as they were'}: in another order, outputs differed by more than 0.00001`,
          ]
        : []),
    ],
  };
  const { before, after } = report.kept;
  const text = `units in another order in ${proven.length} groups: ${(100 * before).toFixed(2)} % of the scores kept before, ${(100 * after).toFixed(2)} % now`;
  run.log(text);
  context.emit({ type: 'log', level: 'info', text });
  const moved = [...movedTensors(flows, orders, model.graph)].map(([{ name }, t]) => [name, t] as const);
  const id = orderId(proven.map(({ order }) => order));
  return run.write(step, new Map(moved), { report, ...(proven.length > 0 && { id }) } satisfies Facts);
}

/** Criteria that weights are updated by, or that draw, have no score of a weight by itself: what is near them has. */
function criterionOf(method: PrunerName): 'magnitude' | 'wanda' | 'ria' {
  if (method === 'ria') return 'ria';
  return (pruners[method] as Pruner).needs.length > 0 ? 'wanda' : 'magnitude';
}

async function taskOf(
  { request, scene, calibration, engine, context }: ReorderWork,
  flows: Flows,
  criterion: 'magnitude' | 'wanda' | 'ria',
  batch: (samples: Samples) => number,
): Promise<OrderTask> {
  const { pattern, selection, seed, methodOptions: options } = request;
  if (pattern.kind !== 'n:m') throw new Error('the pattern was checked before');
  const { signal } = context;
  const tell = (done: number, total: number): void =>
    context.emit({ type: 'progress', stage: 'put units in order', done: Math.floor(done), total, unit: 'groups' });
  const { needs }: Pruner = pruners[criterion];
  const chosen = new Set(scene.selected.map(({ name }) => name));
  const statistics = await observed(needs.length > 0 ? calibration : undefined);
  return {
    flows,
    of: scene.model.graph,
    layers: findLayers(flows.graph).layers.filter(({ name }) => chosen.has(name)),
    pattern,
    selection,
    async scoresOf({ name }) {
      const layer = scene.stored.get(name) as Layer;
      const weight = { ...layer.layout, data: readMatrices(layer) };
      const known = statistics.get(name) ?? {};
      return scoreLayer(pruners[criterion], { layer: name, weight, statistics: known, seed, options });
    },
    seed,
    signal,
    onWork: tell,
  };

  /** With the whole model dense, by name of the layer. */
  async function observed(samples: Samples | undefined): Promise<ReadonlyMap<string, Statistics>> {
    if (!samples) return new Map();
    const size = request.engine.batch ?? batch(samples);
    const total = Math.ceil(samples.count / size);
    const found = await observe(scene.copy, scene.selected, ['columnNorm'], batchesOf(samples, size), {
      ...engine,
      signal,
      onBatch: (done) => context.emit({ type: 'progress', stage: 'observe', done, total, unit: 'batches' }),
    });
    return new Map([...found].map(([{ name }, each]) => [name, each]));
  }
}

const ordersOf = (groups: readonly OrderedUnits[]): ReadonlyMap<Axis, readonly number[]> =>
  new Map(groups.map(({ group, order }) => [group.units, order] as const));

/** Those whose new order leaves what the model computes as it was, tried together, and one by one where that fails. */
async function provenOf(
  { scene, calibration, request, engine }: ReorderWork,
  { flows, of }: OrderTask,
  found: readonly OrderedUnits[],
): Promise<{ proven: readonly OrderedUnits[]; far: number }> {
  const inputs = await inputsFor(scene.copy, calibration, request.seed);
  const farOf = (groups: readonly OrderedUnits[]): Promise<number> =>
    apart(workingCopy(bake(of, movedTensors(flows, ordersOf(groups), of))), scene.copy, inputs, engine);
  const far = await farOf(found);
  if (far <= tolerance) return { proven: found, far };
  const proven: OrderedUnits[] = [];
  let reached = 0;
  for (const each of found) {
    const next = await farOf([...proven, each]);
    if (next > tolerance) continue;
    proven.push(each);
    reached = next;
  }
  return { proven, far: reached };
}

/** Of the calibration data, or random numbers. */
async function inputsFor(
  copy: Graph,
  samples: Samples | undefined,
  seed: number,
): Promise<ReadonlyMap<string, Tensor>> {
  const some = samples
    ? samples.batch(0, samples.fixedBatch ?? Math.min(4, samples.count))
    : randomSamples(copy, await annotate(copy, {}), seed).batch(0, 1);
  const byName = new Map([...some].map(([{ name }, t]) => [name, t] as const));
  return new Map(feeds(copy).flatMap(({ name }) => (byName.has(name) ? [[name, byName.get(name)!] as const] : [])));
}
