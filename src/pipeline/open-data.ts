/** From a data request to samples for a graph. */
import { openSamples, type Samples } from '../data/index.js';
import type { Graph } from '../ir/types.js';
import type { DataRequest } from './requests.js';

/** @param model path of the model: its tokenizer is looked for beside it. */
export const openData = (graph: Graph, model: string, request: DataRequest, order?: 'random'): Promise<Samples> => {
  const { files, ...options } = request;
  return openSamples(graph, files, { model, ...(order && { order }), ...options });
};
