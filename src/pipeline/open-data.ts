/** From a data request to samples for a graph. */
import { openSamples, type SampleDefaults, type Samples } from '../data/index.js';
import type { Graph } from '../ir/types.js';
import type { DataRequest } from './requests.js';
import { isSelf, selfPlan } from './self-calibration.js';

/** Samples to judge by: all of them, from the start. @param model its path: a tokenizer is looked for beside it. */
export const openData = (graph: Graph, model: string, request: DataRequest): Promise<Samples> =>
  open(graph, model, request, {});

/** Samples to calibrate with: of text 128 windows, drawn by the seed, as is usual for these methods. */
export const openCalibration = (graph: Graph, model: string, request: DataRequest): Promise<Samples> =>
  open(graph, model, request, { order: 'random', windows: 128 });

/** The same; undefined, once it is sure that the model can, where it is to say its own text later. */
export async function openGivenCalibration(
  graph: Graph,
  model: string,
  request: DataRequest | undefined,
): Promise<Samples | undefined> {
  if (!request) return undefined;
  if (!isSelf(request)) return openCalibration(graph, model, request);
  selfPlan(graph, request);
  return undefined;
}

/** All samples, or so many drawn by the seed where there are more. @param request without a number of samples. */
export async function openDrawn(graph: Graph, model: string, request: DataRequest, most: number): Promise<Samples> {
  const all = await open(graph, model, request, {});
  return all.count <= most ? all : open(graph, model, { ...request, samples: most }, { order: 'random' });
}

function open(graph: Graph, model: string, request: DataRequest, defaults: SampleDefaults): Promise<Samples> {
  const { files, ...options } = request;
  return openSamples(graph, files, { model, ...options }, defaults);
}
