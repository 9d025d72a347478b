/** outcomesOf: what each counterfactual is worth, by the figures that the literature compares methods with. */

import { mad } from '../../density/index.js';
import { rowAt } from '../../oracle/packed.js';
import { asking, othersAt } from '../../oracle/readings.js';
import { violations } from '../../schema/index.js';
import type { Finding } from '../finding.js';
import { changedIn } from '../ground/features.js';
import { asPoints, type Ground } from '../ground/ground.js';
import { diversityOf } from './diversity.js';
import { manifoldOf } from './reconstruction.js';

export interface Outcome extends Finding {
  /** Features that change, and elements. */
  readonly l0: number;
  readonly elements: number;
  /** Of changes in [0, 1], an element between the ends of its range. */
  readonly l1: number;
  readonly l2: number;
  readonly linf: number;
  /** Sum of changes, each in median absolute deviations of its element in the reference. */
  readonly madL1?: number;
  /** Local outlier factor among the reference of the target: 1 is as dense as its neighbours, more is outlying. */
  readonly lof?: number;
  /** Log densities under the reference of the target. */
  readonly kde?: number;
  readonly gmm?: number;
  /** Share of the nearest examples of the reference of which the model says the target too. */
  readonly yNN?: number;
  /** How much better autoencoders of the target reconstruct it than that of its old class, and than that of all: see `Manifold`. */
  readonly im1?: number;
  readonly im2?: number;
  /** Of the schema, by the row as it is stored; 0 of every find. */
  readonly violations?: number;
  /** Of a find: features that can be reset alone while the goal holds. */
  readonly redundancy?: number;
  /** Where several are asked for: how many are told, 0 where nothing was found, and 1 where they are as many as asked for, else 0. */
  readonly told?: number;
  readonly covered?: number;
  /** Of two or more that are told: see `Diversity`. */
  readonly apart?: number;
  readonly unlike?: number;
  readonly span?: number;
}

export interface OutcomeOptions {
  /** Counterfactuals of an instance that were asked for; default 1, and then nothing is said of how many there are. */
  readonly several?: number | undefined;
}

/** Neighbours that yNN asks: as CARLA (arXiv 2108.00783). */
const usualNeighbours = 5;

/** In the order of the findings. Instances that nothing was found for are taken as their own counterfactuals. */
export async function outcomesOf(
  findings: readonly Finding[],
  ground: Ground,
  { several = 1 }: OutcomeOptions = {},
): Promise<Outcome[]> {
  const { size } = ground.network.space;
  const places = new Map(ground.instances.ids.map((id, place) => [id, place]));
  const spread = ground.reference && mad(ground.reference.points, size, { zero: 1 }).deviations;
  const redundant = await redundanciesOf(findings, ground, places);
  const manifold = await manifoldOf(findings, ground);
  const { schema } = ground.features;
  const outcomes: Outcome[] = [];
  for (const [i, finding] of findings.entries()) {
    const input = rowAt(ground.instances.inputs, size, places.get(finding.id)!);
    const [from, to] = [asPoints(input, ground.bounds), asPoints(finding.counterfactual, ground.bounds)];
    const change = to.map((value, at) => Math.abs(value - from[at]!));
    const sum = (of: (value: number, at: number) => number): number =>
      change.reduce((total, value, at) => total + of(value, at), 0);
    outcomes.push({
      ...finding,
      l0: changedIn(ground.features, input, finding.counterfactual).length,
      elements: sum((_, at) => Number(input[at] !== finding.counterfactual[at])),
      l1: sum((value) => value),
      l2: Math.sqrt(sum((value) => value * value)),
      linf: change.reduce((most, value) => Math.max(most, value), 0),
      ...(spread && { madL1: sum((value, at) => value / spread[at]!) }),
      ...(await plausibilityOf(to, finding.target, ground)),
      ...manifold[i],
      ...(schema && { violations: violations(schema, input, finding.counterfactual).length }),
      ...(finding.success && { redundancy: redundant[i]! }),
      ...(several > 1 && severalOf(finding, ground, several)),
    });
  }
  return outcomes;
}

function severalOf({ success, counterfactual, alternatives }: Finding, { features, bounds }: Ground, several: number) {
  const told = success ? [counterfactual, ...alternatives.map((each) => each.counterfactual)] : [];
  return {
    told: told.length,
    covered: Number(told.length >= several),
    ...(told.length > 1 &&
      diversityOf(
        features,
        told.map((each) => asPoints(each, bounds)),
      )),
  };
}

async function plausibilityOf(point: Float32Array, target: number, { reference }: Ground) {
  if (!reference) return {};
  const framed = reference.frame.of(point);
  const near = reference.neighbours();
  const { indices } = near.nearest(point, Math.min(usualNeighbours, near.rows));
  const said = reference.predicted ?? reference.labels;
  const own = indices.reduce((count, row) => count + Number(said[row] === target), 0);
  return {
    lof: (await reference.lof(target)).score(framed)[0]!,
    kde: (await reference.kde(target)).logDensity(framed)[0]!,
    gmm: (await reference.gmm(target)).logDensity(framed)[0]!,
    yNN: own / indices.length,
  };
}

/** Every changed feature of every find reset alone, asked of the model as it is. */
async function redundanciesOf(
  findings: readonly Finding[],
  ground: Ground,
  places: ReadonlyMap<number, number>,
): Promise<number[]> {
  const { size } = ground.network.space;
  const { labels } = ground.features;
  const tries = findings.flatMap(({ success, changed }, i) =>
    success ? changed.map((feature) => ({ i, feature })) : [],
  );
  const points = new Float32Array(tries.length * size);
  tries.forEach(({ i, feature }, at) => {
    const { counterfactual, id } = findings[i]!;
    const input = rowAt(ground.instances.inputs, size, places.get(id)!);
    for (let c = 0; c < size; c++) points[at * size + c] = labels[c] === feature ? input[c]! : counterfactual[c]!;
  });
  const rows = tries.map(({ i }) => places.get(findings[i]!.id)!);
  const scores = await asking(ground.model)(points, tries.length, othersAt(ground.instances.others, rows));
  const counts = findings.map(() => 0);
  tries.forEach(({ i }, at) => {
    const margin = ground.aim.margin(rowAt(scores, ground.model.classes, at), findings[i]!.target);
    if (margin < 0) counts[i]!++;
  });
  return counts;
}
