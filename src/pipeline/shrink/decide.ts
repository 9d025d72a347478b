/** Which units go, and what the model stores then: the first step of a run, which a resumed one reads. */
import type { Layer } from '../../ops/layers.js';
import { biasesFor } from '../../prune/units/biases.js';
import {
  type ColumnStatistics,
  type UnitCriterion,
  type UnitStatistic,
  unitCriteria,
} from '../../prune/units/index.js';
import { columnsLeft } from '../../prune/units/removed.js';
import type { RunDirectory } from '../../run/run-directory.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { Engine } from '../engine.js';
import type { Data } from '../making/results.js';
import { withSwitches } from '../working-copy.js';
import { chooseAmount } from './amount.js';
import { look } from './look.js';
import { maskedTensors } from './masked.js';
import type { ShrinkRequest } from './request.js';
import { type ShrinkScene, setShrinkScene } from './scene.js';
import { judgedBy, scoreGroups } from './scores.js';

export interface Decided {
  /** With biases where something makes up for units. */
  readonly scene: ShrinkScene;
  readonly sparsity: number;
  /** By group of the scene, 1 where a unit stays. */
  readonly living: readonly Uint8Array[];
  /** What the model stores of matrices that lose columns and of biases behind them, by name. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Layers with a bias that makes up for units. */
  readonly compensated: readonly string[];
}

interface Work {
  readonly request: ShrinkRequest;
  readonly data: Data;
  readonly engine: Engine;
  readonly run: RunDirectory;
  readonly context: JobContext;
}

interface Facts {
  readonly sparsity: number;
  readonly living: readonly (readonly number[])[];
  readonly compensated: readonly string[];
}

const step = 'units';

export async function decide(scene: ShrinkScene, work: Work): Promise<Decided> {
  const finished = (await work.run.checkpoint(step)) ?? (await decided(scene, work));
  const { sparsity, living, compensated } = finished.facts as Facts;
  const { scene: whole } = await withBiases(scene, work.request, compensated);
  return {
    scene: whole,
    sparsity,
    living: living.map((each) => Uint8Array.from(each)),
    tensors: finished.tensors,
    compensated,
  };
}

async function decided(scene: ShrinkScene, { request, data, engine, run, context }: Work) {
  const criterion: UnitCriterion = unitCriteria[request.criterion];
  const extra: UnitStatistic[] = request.compensate ? ['columnSum'] : [];
  const needs = [...new Set([...criterion.needs, ...extra])];
  const looks = await look(scene, needs, data.calibration, engine, context, request.engine.batch);
  const candidates = scoreGroups(scene, request, looks);
  const samples = data.evaluation ?? data.calibration;
  const own = samples && withSwitches(scene.model.graph, samples);
  const { sparsity, living } = await chooseAmount({ scene, request, candidates, samples: own, engine, context });
  const losing = request.compensate ? losingLayers(scene, living) : [];
  const { scene: whole, places } = await withBiases(scene, request, losing);
  const statistics = new Map([...looks.statistics].map(([{ name }, seen]): [string, ColumnStatistics] => [name, seen]));
  const tensors = maskedTensors(whole, living, places, statistics);
  const facts: Facts = { sparsity, living: living.map((each) => [...each]), compensated: [...places.keys()] };
  return run.write(step, tensors, facts);
}

const losingLayers = ({ groups }: ShrinkScene, living: readonly Uint8Array[]): string[] =>
  [...columnsLeft(groups.map(({ holdings }, i) => ({ holdings, living: living[i]! }))).keys()].map(({ name }) => name);

/** The scene of the same model with a bias behind each of these layers; what can go is the same. */
async function withBiases(scene: ShrinkScene, request: ShrinkRequest, names: readonly string[]) {
  const wanted = new Set(names);
  const layers: Layer[] = scene.own.layers.filter(({ name }) => wanted.has(name));
  const { graph, places } = biasesFor(scene.model.graph, layers);
  if (graph.initializers.size === scene.model.graph.initializers.size) return { scene, places };
  const model = { ...scene.model, graph };
  const whole = judgedBy(await setShrinkScene(model, request, request.model), unitCriteria[request.criterion]);
  const sizesOf = ({ groups }: ShrinkScene): string => groups.map(({ group }) => group.units.size).join();
  if (sizesOf(whole) !== sizesOf(scene)) throw new Error('a bias behind a layer changed which units there are');
  return { scene: whole, places };
}
