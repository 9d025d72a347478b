/** What any command asks for that makes a model of a model. */
import type { PruneRequest } from '../prune/request.js';
import type { ReconstructRequest } from '../reconstruct/request.js';
import type { ShrinkRequest } from '../shrink/request.js';

export type MakingRequest = PruneRequest | ReconstructRequest | ShrinkRequest;
