/** Blocks as what a run takes out: the depth of a model. */
import { batchesOf } from '../../../data/index.js';
import { costsWithout } from '../../../depth/costs.js';
import { drop } from '../../../depth/drop.js';
import { gated } from '../../../depth/gates.js';
import { UserError } from '../../../errors.js';
import type { Model } from '../../../ir/types.js';
import { chooseBlocks } from '../../../prune/blocks/choose.js';
import { cosinesOf } from '../../../prune/blocks/cosines.js';
import { type BlockCriterion, blockCriteria } from '../../../prune/blocks/index.js';
import { withWeights } from '../../../regions/propagate.js';
import type { GroupReport } from '../../../report/shrink-report.js';
import type { Tensor } from '../../../tensor/tensor.js';
import { retrain } from '../../reconstruct/retrain.js';
import { WeightPlaces, widened } from '../../reconstruct/weight-places.js';
import { zerosRemoved } from '../../reconstruct/zeros-removed.js';
import { withSwitches } from '../../working-copy.js';
import { chooseAmount } from '../amount.js';
import { fitScene } from '../fit-scene.js';
import { byValue } from '../masked.js';
import type { BlocksRequest } from '../request.js';
import type { Decided, LookTrial, Made, Subject, Work } from '../subject.js';
import { lookAtBlocks } from './look.js';
import { type Block, type BlockScene, setBlockScene } from './scene.js';

/** @throws UserError (exit 3) when nothing can go. */
export async function blockSubject(model: Model, request: BlocksRequest): Promise<Subject> {
  const scene = await setBlockScene(model, request, request.model);
  const { copy, dense, left, blocks } = scene;
  const fit = () => fitScene(scene, { regions: 'block', retrain: true });
  return {
    ...{ model, copy, dense, left, fit },
    groups: reportsOf(scene, request, new Uint8Array(blocks.length).fill(1)),
    space: request.reconstruction ? fit() : { model, stored: new Map(), selected: [], blocks: [] },
    summary: `${blocks.length} ${request.depth}`,
    look: lookTrial(scene, request),
    decide: async (work) => decidedOf(scene, request, work, await chosen(scene, request, work)),
  };
}

interface Facts {
  readonly sparsity: number;
  /** By block, 1 where it stays. */
  readonly living: readonly number[];
  readonly scores: readonly number[];
}

const step = 'blocks';

/** What an earlier start decided stays decided. */
const chosen = (scene: BlockScene, request: BlocksRequest, { data, engine, run, context }: Work): Promise<Facts> =>
  run.remember(step, async () => {
    const { blocks, model, dense, flows } = scene;
    const { needs, score }: BlockCriterion = blockCriteria[request.criterion];
    const looks = await lookAtBlocks(scene, needs, data.calibration, engine, context, request.engine.batch);
    const scores = score({ ...looks, seed: request.seed });
    const odd = scores.findIndex((each) => !Number.isFinite(each));
    if (odd >= 0)
      throw new UserError(
        `block of '${blocks[odd]!.name}'`,
        'expected finite weights and activations, got others; check model and data',
      );
    const samples = data.evaluation ?? data.calibration;
    const found = await chooseAmount({
      ...{ amount: request.amount, path: request.model, graph: model.graph, dense, engine, context },
      samples: samples && withSwitches(model.graph, samples),
      livingAt: (sparsity) => [chooseBlocks(scores, sparsity)],
      costsOf: ([living]) => costsWithout(flows, branchesIn(goneOf(scene, living!))),
      small: ([living]) => drop(branchesIn(goneOf(scene, living!)), model.graph),
      limits: { all: `all ${request.depth} gone`, advice: 'or take out units as well, in a second step' },
    });
    const living = [...found.living[0]!];
    return { sparsity: goneOf(scene, living).length / blocks.length, living, scores: [...scores] };
  });

const goneOf = ({ blocks }: BlockScene, living: ArrayLike<number>): Block[] => blocks.filter((_, i) => !living[i]);

const branchesIn = (blocks: readonly Block[]) => blocks.flatMap(({ branches }) => branches);

function decidedOf(scene: BlockScene, request: BlocksRequest, work: Work, facts: Facts): Decided {
  const { model, own, flows, blocks } = scene;
  const { sparsity, living, scores } = facts;
  const gone = branchesIn(goneOf(scene, living));
  return {
    sparsity,
    goes: gone.length > 0,
    groups: reportsOf(scene, request, living, scores),
    costs: costsWithout(flows, gone),
    tensors: new Map(),
    compensated: [],
    advice: `there are ${blocks.length} of them; raise --sparsity`,
    refit(reconstruction, samples) {
      const { selected, copy, stored } = fitScene({ model, own, copy: drop(gone, flows.graph) }, reconstruction);
      return retrain({
        ...{ request: reconstruction, seed: request.seed, graph: copy, layers: selected, samples },
        ...work,
        places: new WeightPlaces(model.graph, stored),
        maskOf: zerosRemoved,
      });
    },
    made: (tensors) => madeOf(scene, living, tensors),
  };
}

function madeOf(scene: BlockScene, living: readonly number[], tensors: ReadonlyMap<string, Tensor>): Made {
  const { model, flows, blocks } = scene;
  const stored = [...model.graph.initializers.keys()];
  const constants = model.graph.nodes.flatMap(({ op, outputs: [y] }) => (op === 'Constant' && y ? [y] : []));
  const ofCopy = [...byValue(flows.graph.initializers.keys(), tensors)].map(
    ([value, t]) => [value, widened(t)] as const,
  );
  const branches = blocks.map((block) => block.branches);
  return {
    model,
    small: drop(
      branchesIn(goneOf(scene, living)),
      withWeights(model.graph, byValue([...stored, ...constants], tensors)),
    ),
    masked: gated(withWeights(flows.graph, new Map(ofCopy)), branches, living).graph,
  };
}

const reportsOf = (
  { blocks }: BlockScene,
  { depth }: BlocksRequest,
  living: ArrayLike<number>,
  scores?: readonly number[],
): GroupReport[] =>
  blocks.map(({ name, node, weights, held }, i) => ({
    ...{ name, kind: depth, units: 1, left: living[i]!, weights, held },
    ...(node !== undefined && { node }),
    ...(scores && { score: scores[i]! }),
  }));

/** A gradient takes about three times what its model does. */
const slopeTimes = 3;

function lookTrial({ flows, blocks }: BlockScene, { criterion }: BlocksRequest): LookTrial | undefined {
  const { needs }: BlockCriterion = blockCriteria[criterion];
  if (needs.length === 0) return undefined;
  const branches = blocks.map((block) => block.branches);
  return {
    times: needs.includes('slopes') ? slopeTimes : needs.includes('rises') ? blocks.length + 1 : 1,
    run: (few, engine, signal) => cosinesOf(flows.graph, branches, batchesOf(few, few.count), { ...engine, signal }),
  };
}
