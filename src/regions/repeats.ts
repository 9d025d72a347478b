/** Blocks: the unit that a network repeats, found as tandem repeats in its row of segments. */
import type { RegionKind } from './region.js';

export interface RowItem {
  readonly signature: string;
  readonly kind: RegionKind;
}

/** The most segments in one block: self-attention, cross-attention and MLP, or two kinds of attention with their MLPs. */
const longestPeriod = 4;

/**
 * Groups neighbouring items into blocks, as lists of positions. The period is the smallest of those whose repeats cover the
 * most items, so that attention and MLP pair up, and residual blocks and plain chains stay single. Outside the repeats an
 * attention is still joined with the MLP that follows it.
 */
export function findBlocks(row: readonly RowItem[]): number[][] {
  const period = bestPeriod(row);
  const repeats = period > 1 ? repeatsOf(row, period) : [];
  const blocks: number[][] = [];
  for (let i = 0; i < row.length; ) {
    const repeat = repeats.find(({ from, to }) => from <= i && i + period <= to && (i - from) % period === 0);
    const length = repeat ? period : isPair(row, i) ? 2 : 1;
    blocks.push(Array.from({ length }, (_, k) => i + k));
    i += length;
  }
  return blocks;
}

function bestPeriod(row: readonly RowItem[]): number {
  let best = { period: 1, covered: 0 };
  for (let period = 1; period <= longestPeriod; period++) {
    const covered = repeatsOf(row, period).reduce((sum, { from, to }) => sum + to - from, 0);
    if (covered > best.covered) best = { period, covered };
  }
  return best.period;
}

/** Stretches `[from, to)` that repeat with the period at least once, beginning with an attention where there is one. */
function repeatsOf(row: readonly RowItem[], period: number): { from: number; to: number }[] {
  const repeats: { from: number; to: number }[] = [];
  for (let from = 0; from < row.length; from++) {
    let to = from;
    while (to + period < row.length && row[to]!.signature === row[to + period]!.signature) to++;
    if (to - from < period) continue;
    const shifted = from + phase(row, from, period);
    const start = to + period - shifted >= 2 * period ? shifted : from;
    const whole = Math.floor((to + period - start) / period);
    repeats.push({ from: start, to: start + whole * period });
    from = to + period - 1;
  }
  return repeats;
}

/** How far the first attention that does not follow another lies behind `from`, within one period. */
function phase(row: readonly RowItem[], from: number, period: number): number {
  const isAttention = (i: number): boolean => row[i]?.kind === 'attention';
  for (let k = 0; k < period; k++) {
    const previous = from + ((k + period - 1) % period);
    if (isAttention(from + k) && !isAttention(previous)) return k;
  }
  return 0;
}

const isPair = (row: readonly RowItem[], i: number): boolean =>
  row[i]?.kind === 'attention' && row[i + 1]?.kind === 'mlp';
