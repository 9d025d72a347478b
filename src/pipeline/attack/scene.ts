/** What an attack run works on: the model, the data and the ground they make. */
import { type OpenGround, openGround } from '../../attack/index.js';
import type { Samples } from '../../data/index.js';
import type { Graph, Model } from '../../ir/types.js';
import { boundsOf, dataBounds, GivenGradientOracle, type Space } from '../../oracle/index.js';
import type { Engine } from '../engine.js';
import { readMask } from '../mask.js';
import { openData } from '../open-data.js';
import { openModel } from '../open-model.js';
import { workingCopy } from '../working-copy.js';
import { type AttackRequest, usualBatch } from './request.js';

export interface AttackScene {
  readonly model: Model;
  readonly graph: Graph;
  readonly samples: Samples;
}

export async function openScene(request: AttackRequest): Promise<AttackScene> {
  const model = openModel(request.model);
  const graph = workingCopy(model.graph);
  return { model, graph, samples: await openData(graph, request.model, request.data) };
}

/** Pixels have this many values. */
const pixelLevels = 256;

/** @returns the ground, and the levels that stored inputs are rounded to for the second column. */
export async function openGroundFor(
  { graph, samples }: AttackScene,
  request: AttackRequest,
  engine: Engine,
  signal: AbortSignal,
): Promise<{ readonly ground: OpenGround; readonly levels: number | undefined }> {
  const { bounds, engine: wanted, examples, chunk, input, at, scores, space, gradient, mask } = request;
  const runs = { ...engine, batch: samples.fixedBatch ?? wanted.batch ?? usualBatch };
  const given = gradient === undefined ? undefined : workingCopy(openModel(gradient).graph);
  const ground = await openGround(
    graph,
    samples,
    (network) => (bounds ? boundsOf(bounds, network.space, 'as given') : dataBounds(network, samples, signal)),
    runs,
    {
      ...{ input, at, scores, space, chunk, signal },
      most: examples,
      ...(mask !== undefined && { mask: (found: Space) => readMask(mask, found) }),
      ...(given && { oracle: (network, box, range) => new GivenGradientOracle(network, given, box, range, runs) }),
    },
  );
  const isPictures = samples.pictures?.has(ground.network.moving.name) ?? false;
  return { ground, levels: request.levels ?? (isPictures ? pixelLevels : undefined) };
}

/** Of the pictures that are attacked: Caffe's networks are fed blue first. */
export const channelOrder = ({ samples }: AttackScene, { network: { moving } }: OpenGround): 'rgb' | 'bgr' =>
  samples.pictures?.get(moving.name)?.channels === 'bgr' ? 'bgr' : 'rgb';
