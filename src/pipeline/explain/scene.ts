/** What an explaining run works on: the model, the data, what says what is plausible, and the ground that they make. */

import type { Known } from '../../counterfactual/ground/ground.js';
import { type Goal, type Ground, openGround } from '../../counterfactual/index.js';
import type { Samples } from '../../data/index.js';
import { densityStore } from '../../density/index.js';
import { UserError } from '../../errors.js';
import type { Graph, Model } from '../../ir/types.js';
import { boundsOf, dataBounds, GivenGradientOracle, type Space } from '../../oracle/index.js';
import { concatenated } from '../../oracle/packed.js';
import { likelyOneHot, loadSchema, observedIn, type Schema, schemaFrom } from '../../schema/index.js';
import type { Engine } from '../engine.js';
import { readMask } from '../mask.js';
import { openData, openDrawn } from '../open-data.js';
import { openModel } from '../open-model.js';
import type { DataRequest } from '../requests.js';
import { workingCopy } from '../working-copy.js';
import { classNamed } from './classes.js';
import { companionsFrom } from './companions.js';
import { type AskedGoal, type ExplainRequest, usualBatch } from './request.js';

export interface ExplainScene {
  readonly model: Model;
  readonly graph: Graph;
  readonly samples: Samples;
  /** What says the ranges of features, and what is plausible. */
  readonly reference: Samples;
}

export async function openScene(request: ExplainRequest): Promise<ExplainScene> {
  const model = openModel(request.model);
  const graph = workingCopy(model.graph);
  const samples = await openData(graph, request.model, request.data);
  const { reference, referenceSamples, seed } = request;
  const asked = reference === undefined || reference === 'none' ? withoutSamples(request.data) : reference;
  return {
    model,
    graph,
    samples,
    reference: await openDrawn(graph, request.model, { ...asked, seed }, referenceSamples),
  };
}

/** How many instances are looked at says nothing of what is plausible. */
const withoutSamples = ({ samples: _, ...request }: DataRequest): DataRequest => request;

export interface Opened {
  readonly ground: Ground;
  readonly warnings: readonly string[];
}

export async function openGroundFor(
  { graph, samples, reference }: ExplainScene,
  request: ExplainRequest,
  engine: Engine,
  signal: AbortSignal,
): Promise<Opened> {
  const { bounds, engine: wanted, input, scores, space, gradient, mask, schema, densities } = request;
  const { goal, probability, margin, from, examples: most, rows, referenceClasses: classes, seed } = request;
  const runs = { ...engine, batch: samples.fixedBatch ?? wanted.batch ?? usualBatch };
  const given = gradient === undefined ? undefined : workingCopy(openModel(gradient).graph);
  const warnings: string[] = [];
  const ground = await openGround(graph, samples, { goal: goalOf(goal, samples), probability, margin }, runs, {
    ...{ input, scores, space, most, rows, classes, seed, signal, reference },
    from: from === undefined ? undefined : classNamed('--from', from, samples),
    // data that were not given for it may well not do
    plausibility: request.reference === 'none' ? 'none' : request.reference === undefined ? 'optional' : 'required',
    warn: (text) => warnings.push(text),
    schema: (known) => schemaFor(known, samples, { path: schema, hasBounds: bounds !== undefined }, warnings),
    bounds: ({ network }) =>
      bounds ? boundsOf(bounds, network.space, 'as given') : dataBounds(network, samples, signal),
    companions: (network, box) => companionsFrom(request.companions, { network, bounds: box, samples }),
    ...(mask !== undefined && { mask: (found: Space) => readMask(mask, found) }),
    ...(given && { oracle: (network, box) => new GivenGradientOracle(network, given, box, [0, 1], runs) }),
    ...(densities !== undefined && { store: densityStore(densities) }),
  });
  return { ground, warnings };
}

const goalOf = (goal: AskedGoal, samples: Samples): Goal =>
  goal.kind === 'class' ? { kind: 'class', label: classNamed('--target', goal.name, samples) } : goal;

/** Of rows of numbers, as the file says it, or a feature a column; of pictures and series none. */
function schemaFor(
  { network, rows }: Known,
  samples: Samples,
  { path, hasBounds }: { readonly path: string | undefined; readonly hasBounds: boolean },
  warnings: string[],
): Schema | undefined {
  const { kind, size } = network.space;
  if (kind !== 'features') {
    if (path === undefined) return undefined;
    throw new UserError(
      '--schema',
      `expected a table, got an input that is ${kind === 'image' ? 'an image' : kind}; leave it out, or name --space features`,
    );
  }
  if (hasBounds)
    throw new UserError('--bounds', 'expected an image or a series, got a table; give ranges in a --schema');
  const columns = columnsOf(samples, network.moving.name, size);
  const all = concatenated(rows);
  const observed = observedIn(all, size);
  if (path !== undefined) return loadSchema(path, columns, observed);
  const made = schemaFrom(columns, observed);
  for (const group of likelyOneHot(made, all))
    warnings.push(
      `columns ${group.join(', ')} look like the categories of one feature, but change alone; say so in a --schema`,
    );
  return made;
}

/** The names that a table gives them, or made ones. */
export function columnsOf({ features }: Samples, input: string, size: number): readonly string[] {
  const names = features?.get(input);
  return names?.length === size ? names : Array.from({ length: size }, (_, i) => `feature ${i}`);
}
