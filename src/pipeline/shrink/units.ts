/** Units as what a run takes out: channels, neurons, heads, states. */
import type { Axis } from '../../axes/axis.js';
import { observe } from '../../calibrate/observe.js';
import { batchesOf } from '../../data/index.js';
import { costsOf } from '../../groups/costs.js';
import { mask } from '../../groups/mask.js';
import { shrink } from '../../groups/shrink.js';
import type { Model } from '../../ir/types.js';
import { chooseUnits } from '../../prune/units/choose.js';
import { type UnitCriterion, unitCriteria } from '../../prune/units/index.js';
import { withWeights } from '../../regions/propagate.js';
import type { GroupReport } from '../../report/shrink-report.js';
import type { Tensor } from '../../tensor/tensor.js';
import { widened } from '../reconstruct/weight-places.js';
import { type DecidedUnits, decide } from './decide.js';
import { fitScene, spaceScene } from './fit-scene.js';
import { byValue } from './masked.js';
import { refit } from './refit.js';
import type { UnitsRequest } from './request.js';
import { livingOf, type ShrinkScene, setShrinkScene } from './scene.js';
import { judgedBy, multipleOf } from './scores.js';
import type { Decided, LookTrial, Made, Subject, Work } from './subject.js';

/** @throws UserError (exit 3) when nothing of what was asked for can go. */
export async function unitSubject(model: Model, request: UnitsRequest): Promise<Subject> {
  const scene = judgedBy(await setShrinkScene(model, request, request.model), unitCriteria[request.criterion]);
  const { copy, dense, left, groups } = scene;
  const counts = groups.map(({ kind, group }) => `${group.units.size} ${kind}`);
  return {
    ...{ model, copy, dense, left },
    groups: reportsOf(scene, planned(scene, request)),
    space: spaceScene(scene, request),
    fit: () => fitScene(scene, request.reconstruction ?? { regions: 'block', retrain: true }),
    summary: `${groups.length} groups: ${counts.slice(0, 6).join(', ')}${counts.length > 6 ? ', …' : ''}`,
    look: lookTrial(scene, request),
    decide: async (work) => decidedOf(await decide(scene, { request, ...work }), request, work),
  };
}

/** As many of each group as will stay, whichever these are; all of them where that is told by scores or by a search. */
function planned({ groups }: ShrinkScene, { amount, allocation, least, multiple }: UnitsRequest): Uint8Array[] {
  const sparsity = amount.kind === 'sparsity' && allocation === 'uniform' ? amount.sparsity : 0;
  const candidates = groups.map(({ name, kind, group, weights }) => ({
    ...{ name, weights, multiple: multipleOf(kind, multiple) },
    scores: new Float64Array(group.units.size),
  }));
  return chooseUnits(candidates, { sparsity, least, allocation: 'uniform', across: 'as they are' });
}

function decidedOf(decided: DecidedUnits, request: UnitsRequest, work: Work): Decided {
  const { scene, living, sparsity, tensors, compensated } = decided;
  return {
    ...{ sparsity, tensors, compensated },
    goes: living.some((each) => each.includes(0)),
    groups: reportsOf(scene, living),
    costs: costsOf(scene.flows, livingOf(scene, living)),
    advice: `groups are rounded to multiples of ${request.multiple}; raise --sparsity, or lower --multiple`,
    refit: (reconstruction, samples) =>
      refit({ ...work, scene, masked: tensors, living, request, reconstruction, samples }),
    made: (stored) => madeOf(decided, stored),
  };
}

const reportsOf = ({ groups }: ShrinkScene, living: readonly Uint8Array[]): GroupReport[] =>
  groups.map(({ name, node, kind, group, weights }, i) => ({
    name,
    ...(node !== undefined && { node }),
    kind,
    units: group.units.size,
    left: living[i]!.reduce((sum, stays) => sum + stays, 0),
    weights,
    held: [...new Set(group.weights.map(({ value }) => value.name))],
  }));

function madeOf({ scene, living }: DecidedUnits, tensors: ReadonlyMap<string, Tensor>): Made {
  const { flows, model } = scene;
  const stays = livingOf(scene, living);
  const ofModel = byValue(model.graph.initializers.keys(), tensors);
  const ofConstants = byValue(
    model.graph.nodes.flatMap(({ op, outputs: [y] }) => (op === 'Constant' && y ? [y] : [])),
    tensors,
  );
  const baked = withWeights(model.graph, new Map([...ofModel, ...ofConstants]));
  const ofCopy = [...byValue(flows.graph.initializers.keys(), tensors)].map(
    ([value, t]) => [value, widened(t)] as const,
  );
  const copy = withWeights(flows.graph, new Map(ofCopy));
  return {
    model,
    small: shrink(flows, stays, baked),
    masked: mask({ ...flows, graph: copy }, stays as ReadonlyMap<Axis, Uint8Array>),
  };
}

/** A gradient takes about three times what its model does. */
const slopeTimes = 3;

function lookTrial({ flows, groups }: ShrinkScene, request: UnitsRequest): LookTrial | undefined {
  const { needs }: UnitCriterion = unitCriteria[request.criterion];
  if (needs.length === 0 && !request.compensate) return undefined;
  const layers = [...new Set(groups.flatMap(({ holdings }) => holdings.reads.map(({ layer }) => layer)))];
  return {
    times: needs.includes('slopes') ? slopeTimes : 1,
    run: (few, engine, signal) =>
      observe(flows.graph, layers, ['columnNorm', 'columnSum'], batchesOf(few, few.count), { ...engine, signal }),
  };
}
