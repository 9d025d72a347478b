/** The model that is written of a training: ready to be fed raw series, and to say classes by name. */
import type { Model } from '../../ir/types.js';
import { bake } from '../../rewrite/bake.js';
import { serve } from '../../train/serve/serving.js';
import type { Cell } from './cells.js';
import type { TrainRequest } from './request.js';
import type { TrainScene } from './scene.js';

export function served(
  { weights, seed, labels }: Pick<Cell, 'weights' | 'seed' | 'labels'>,
  { algorithm }: TrainRequest,
  scene: TrainScene,
): Model {
  const { sets, start } = scene;
  const { classes, scaling, training } = sets;
  const graph = scene.graphFor(seed);
  const arrays = [...graph.initializers.keys()].filter(({ name }) => weights.has(name));
  return serve(bake(graph, new Map(arrays.map((value) => [value, weights.get(value.name)!]))), {
    classes,
    standardise: scaling ? { kind: scaling.kind, over: scaling.by } : { kind: 'none' },
    extent: { channels: training.channels, length: training.length },
    ...(start && { start }),
    metadata: new Map([
      ['algorithm', algorithm],
      ['labels', String(labels)],
    ]),
  });
}
