/** segments: the number of contiguous runs of a series that are changed. */
import { UserError } from '../../errors.js';
import { everywhere, type Penalty } from './penalty.js';
import {
  changedRuns,
  checkSeries,
  gapsIn,
  keepRuns,
  lengthOf,
  type Run,
  type Savings,
  type Series,
  savingsOf,
} from './series.js';

export interface SegmentsOptions extends Series {
  /** The price of a position within a run, above 0; that of a run is 1. Default 0.1: a gap of fewer than 10 is passed over. */
  readonly element?: number;
}

/**
 * The least price of runs that cover all changes: 1 a run and `element` a position in it, where all channels of a position change together.
 * This is the number of maximal runs and `element` times that of changed positions, but for gaps shorter than 1 / `element`: a run
 * passes over those. Without that there would be no minimum: any small number in a gap would be better than its zeros. For the same
 * reason `element` is not 0: a single run over everything would cost no more than the shortest.
 * The prox is exact: of two states a position, in a run or not, the best path (Viterbi), in time linear in the length.
 * @throws UserError if `element` isn't above 0 or an array isn't [channels, length].
 */
export function segments({ element = 0.1, ...series }: SegmentsOptions): Penalty {
  if (!(element > 0)) throw new UserError('segments', `expected a price of an element above 0, got ${element}`);
  return {
    name: 'segments',
    value(x) {
      checkSeries('segments', x, series);
      const runs = changedRuns(x, series);
      const first = Math.min(runs.length, 1);
      return gapsIn(runs).reduce((sum, gap) => sum + Math.min(1, element * gap), first + element * lengthOf(runs));
    },
    prox(z, step, box = everywhere, out = new Float32Array(z.length)) {
      checkSeries('segments', z, series);
      return keepRuns(z, bestRuns(savingsOf(z, step, box, series), element), box, series, out);
    },
  };
}

/** The runs that save most, beyond 1 for each and `element` for each position; of equals those with fewer positions. */
function bestRuns({ saved, held }: Savings, element: number): Run[] {
  const { length } = saved;
  /** Whether the best path came from a run, to a position outside of runs and to one in a run. */
  const fromRun = [new Uint8Array(length), new Uint8Array(length)] as const;
  let outside = 0;
  let inside = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < length; i++) {
    fromRun[0][i] = Number(inside > outside);
    fromRun[1][i] = Number(inside > outside - 1);
    // what is kept in any case saves the same on all paths
    const gain = held[i] ? 0 : (saved[i] as number) - element;
    const better = Math.max(inside, outside - 1) + gain;
    outside = held[i] ? Number.NEGATIVE_INFINITY : Math.max(inside, outside);
    inside = better;
  }

  const runs: Run[] = [];
  let end = length;
  let isInside = inside > outside;
  for (let i = length - 1; i >= 0; i--) {
    const cameFromRun = fromRun[isInside ? 1 : 0][i] === 1;
    if (isInside && !cameFromRun) runs.push([i, end]);
    if (!isInside) end = i;
    isInside = cameFromRun;
  }
  return runs.reverse();
}
