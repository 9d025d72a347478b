/** What a training run works on: the series and where networks start. */
import { openSeriesSets, type SeriesSet, type SeriesSets } from '../../data/series-sets/open.js';
import { scaled } from '../../data/series-sets/scaling.js';
import { UserError } from '../../errors.js';
import { logitsOf } from '../../evaluate/index.js';
import type { Graph, Model, Value } from '../../ir/types.js';
import type { Tensor } from '../../tensor/tensor.js';
import { algorithms } from '../../train/algorithms/index.js';
import { backbones } from '../../train/backbones/index.js';
import { canonical, seriesInputs } from '../../train/start/canonical.js';
import { exportedWeights } from '../../train/start/exported-weights.js';
import { heldZeros } from '../../train/start/held-zeros.js';
import { withNewHead } from '../../train/start/new-head.js';
import { scoresOf } from '../../train/start/scores-of.js';
import { trainableOf } from '../../train/start/trainable.js';
import { openModel } from '../open-model.js';
import type { TrainRequest } from './request.js';

export interface TrainScene {
  /** As they are trained on: scaled as asked. */
  readonly sets: SeriesSets;
  /** The model that is trained further. */
  readonly start?: Model;
  /** The graph that weights are baked into at the end. */
  graphFor(seed: number): Graph;
  /** The same behind one form of input, its one output the logits. */
  networkFor(graph: Graph): Graph;
  readonly trained: (copy: Graph) => readonly Value[];
  readonly masks: ReadonlyMap<string, Tensor>;
  readonly notes: readonly string[];
}

/** @throws UserError naming the file, series or option at fault. */
export async function openScene(request: TrainRequest): Promise<TrainScene> {
  const { model: path, data, backbone, holdsZeros } = request;
  const start = path === undefined ? undefined : openModel(path);
  const { training, unlabelled, validation, test, ...reading } = data;
  const named = start && !request.newHead && reading.classes === undefined ? classesOf(start) : undefined;
  const options = { ...reading, ...(named && { classes: named, classesBy: path }) };
  const raw = await openSeriesSets({ training, unlabelled, validation, test }, options, start?.graph);
  const isMasked = !start || seriesInputs(start.graph).mask !== undefined;
  const sets = inScale(isMasked ? raw : filledUp(raw));
  const { channels, length, lengths } = sets.training;
  const classes = sets.classes.length;
  if (start && !request.newHead) checkClasses(start.graph, classes, path!, named !== undefined);
  const isOurs = !start || start.metadata.has('trained_with');
  const trained = isOurs ? trainableOf : exportedWeights;
  const { name, ...shape } = backbone;
  const masks = start && holdsZeros ? heldZeros(start.graph, trained(start.graph)) : new Map<string, Tensor>();
  return {
    sets,
    ...(start && { start }),
    graphFor: (seed) =>
      (start && (request.newHead ? withNewHead(start.graph, classes, seed) : start.graph)) ??
      backbones[name].build({ channels, length, classes, masked: lengths !== undefined, ...shape }, seed),
    networkFor: (graph) => scoresOf(canonical(graph, { channels, length }, sets.layout?.stepsFirst)),
    trained,
    masks,
    notes: start ? [...notesOn(start, masks, request), ...(isMasked || !raw.training.lengths ? [] : [unmasked])] : [],
  };
}

const unmasked =
  'series are of unequal length and the model has no input `mask`: the zeros that fill them up count as values';

/** What a model that is told no lengths is fed: the zeros behind the end of a series are values as any others. */
function filledUp(sets: SeriesSets): SeriesSets {
  const { training, validation, test } = sets;
  const whole = ({ lengths: _, ...set }: SeriesSet): SeriesSet => set;
  return {
    ...sets,
    training: whole(training),
    ...(validation && { validation: whole(validation) }),
    ...(test && { test: whole(test) }),
  };
}

function inScale(sets: SeriesSets): SeriesSets {
  const { scaling, training, validation, test } = sets;
  if (!scaling) return sets;
  return {
    ...sets,
    training: scaled(training, scaling),
    ...(validation && { validation: scaled(validation, scaling) }),
    ...(test && { test: scaled(test, scaling) }),
  };
}

/** Names that the model has for its classes, in the order of its outputs. */
function classesOf({ metadata, path = 'model' }: Model): string[] | undefined {
  const stored = metadata.get('classes');
  if (stored === undefined) return undefined;
  try {
    const names: unknown = JSON.parse(stored);
    if (Array.isArray(names) && names.every((each) => typeof each === 'string')) return names;
  } catch {
    // told below, as for any other text
  }
  throw new UserError(
    path,
    `expected the metadata 'classes' to be a JSON list of names, got '${stored.slice(0, 40)}'; repair or remove it`,
  );
}

function checkClasses(graph: Graph, classes: number, path: string, isTold: boolean): void {
  const width = logitsOf(graph, 2).type?.shape?.[1];
  if (typeof width !== 'number' || width === classes) return;
  if (isTold) {
    throw new UserError(
      path,
      `expected ${width} names in the metadata 'classes', as the model has outputs, got ${classes}; repair it, or name the classes with --classes`,
    );
  }
  throw new UserError(
    path,
    `expected data of ${width} classes, as the model has outputs, got ${classes}; name all classes in their order with --classes, or draw its last layer anew with --new-head`,
  );
}

function* notesOn(
  { graph }: Model,
  masks: ReadonlyMap<string, Tensor>,
  { algorithm }: TrainRequest,
): Generator<string> {
  if (!graph.nodes.some(({ op }) => op === 'BatchNormalization'))
    yield `the model has no BatchNormalization, or it was folded into weights: batches are not normalised in training. To ${algorithm} that means: ${algorithms[algorithm].folded}`;
  if (masks.size > 0) yield `zeros of ${masks.size} weight tensors are held`;
}
