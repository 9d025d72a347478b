/** Algorithms, by the name they are asked for with. */
import { mixMatch } from './mixmatch.js';
import { supervised } from './supervised.js';

export const algorithms = { supervised, mixmatch: mixMatch };

export type AlgorithmName = keyof typeof algorithms;
