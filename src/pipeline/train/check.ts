/** What can be told of all trainings before the first one is begun: a mistake must not cost hours. */
import { checkDraws } from './draws.js';
import type { TrainRequest } from './request.js';
import type { TrainScene } from './scene.js';
import { served } from './served.js';

/** @throws UserError when series cannot be drawn as asked, or the trained model could not be served. */
export function checkTrainings(scene: TrainScene, request: TrainRequest): void {
  checkDraws(scene.sets, request);
  served({ weights: new Map(), seed: request.draws.seeds[0]!, labels: 0 }, request, scene);
}
