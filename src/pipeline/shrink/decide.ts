/** Which units go, and what the model stores then: the first step of a run, which a resumed one reads. */
import { costsOf } from '../../groups/costs.js';
import { shrink } from '../../groups/shrink.js';
import type { Layer } from '../../ops/layers.js';
import { biasesFor } from '../../prune/units/biases.js';
import { type Candidates, chooseUnits } from '../../prune/units/choose.js';
import {
  type ColumnStatistics,
  type UnitCriterion,
  type UnitStatistic,
  unitCriteria,
} from '../../prune/units/index.js';
import { columnsLeft } from '../../prune/units/removed.js';
import type { Tensor } from '../../tensor/tensor.js';
import { withSwitches } from '../working-copy.js';
import { chooseAmount, type Search } from './amount.js';
import { look } from './look.js';
import { maskedTensors } from './masked.js';
import type { UnitsRequest } from './request.js';
import { livingOf, type ShrinkScene, setShrinkScene } from './scene.js';
import { judgedBy, scoreGroups } from './scores.js';
import type { Work } from './subject.js';

export interface DecidedUnits {
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

interface UnitWork extends Work {
  readonly request: UnitsRequest;
}

interface Facts {
  readonly sparsity: number;
  readonly living: readonly (readonly number[])[];
  readonly compensated: readonly string[];
}

const step = 'units';

export async function decide(scene: ShrinkScene, work: UnitWork): Promise<DecidedUnits> {
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

async function decided(scene: ShrinkScene, { request, data, engine, run, context }: UnitWork) {
  const criterion: UnitCriterion = unitCriteria[request.criterion];
  const extra: UnitStatistic[] = request.compensate ? ['columnSum'] : [];
  const needs = [...new Set([...criterion.needs, ...extra])];
  const looks = await look(scene, needs, data.calibration, engine, context, request.engine.batch);
  const candidates = scoreGroups(scene, request, looks);
  const samples = data.evaluation ?? data.calibration;
  const own = samples && withSwitches(scene.model.graph, samples);
  const { sparsity, living } = await chooseAmount({
    ...searchOver(scene, request, candidates),
    samples: own,
    engine,
    context,
  });
  const losing = request.compensate ? losingLayers(scene, living) : [];
  const { scene: whole, places } = await withBiases(scene, request, losing);
  const statistics = new Map([...looks.statistics].map(([{ name }, seen]): [string, ColumnStatistics] => [name, seen]));
  const tensors = maskedTensors(whole, living, places, statistics);
  const facts: Facts = { sparsity, living: living.map((each) => [...each]), compensated: [...places.keys()] };
  return run.write(step, tensors, facts);
}

function searchOver(
  scene: ShrinkScene,
  request: UnitsRequest,
  candidates: readonly Candidates[],
): Omit<Search, 'samples' | 'engine' | 'context'> {
  const { flows, dense, model } = scene;
  const { across }: UnitCriterion = unitCriteria[request.criterion];
  const { amount, allocation, least } = request;
  return {
    ...{ amount, path: request.model, graph: model.graph, dense },
    livingAt: (sparsity) => chooseUnits(candidates, { sparsity, allocation, across, least }),
    costsOf: (living) => costsOf(flows, livingOf(scene, living)),
    small: (living) => shrink(flows, livingOf(scene, living), model.graph),
    limits: {
      all: `all units gone that may go (--least ${least})`,
      advice: 'more --units or a smaller --least',
    },
  };
}

const losingLayers = ({ groups }: ShrinkScene, living: readonly Uint8Array[]): string[] =>
  [...columnsLeft(groups.map(({ holdings }, i) => ({ holdings, living: living[i]! }))).keys()].map(({ name }) => name);

/** The scene of the same model with a bias behind each of these layers; what can go is the same. */
async function withBiases(scene: ShrinkScene, request: UnitsRequest, names: readonly string[]) {
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
