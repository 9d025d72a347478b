/** Losses: the objectives that one may choose between, with gradients or as numbers of scores at hand. */
import { crossEntropy, gap, type Objective } from '../oracle/objectives.js';
import type { Judged, Victim } from './victim.js';

export interface Loss {
  readonly objective: Objective;
  /** The objective's value of point `j` of those judged, which stands for `row`. */
  of(judged: Judged, j: number, victim: Victim, row: number): number;
}

export const losses = {
  'carlini-wagner': { objective: gap, of: ({ margins }, j) => margins[j] },
  'cross-entropy': {
    objective: crossEntropy,
    of({ logits }, j, { classes, goals, targeted }, row) {
      const from = j * classes;
      let most = Number.NEGATIVE_INFINITY;
      for (let c = from; c < from + classes; c++) most = Math.max(most, logits[c]);
      let sum = 0;
      for (let c = from; c < from + classes; c++) sum += Math.exp(logits[c] - most);
      const entropy = Math.log(sum) + most - logits[from + goals[row]];
      return targeted ? entropy : -entropy;
    },
  },
} as const satisfies Record<string, Loss>;

export type LossName = keyof typeof losses;

export const lossNames = Object.keys(losses) as LossName[];
