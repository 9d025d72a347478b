/** Where weights keep at most n of every m consecutive inputs: the groups of a layer's matrices, and the first that keeps more. */
import { UserError } from '../../errors.js';
import type { MatrixLayout } from '../../ops/layout.js';
import { sizeOf } from '../../tensor/dtype.js';

export interface NOfM {
  readonly n: number;
  readonly m: number;
}

/** Of hardware and of what is published; positions of wider groups would not be worth packing. */
export const widestGroup = 64;

/** Both targets of this pattern take these. */
export const nmOptions = {
  n: { default: 2, from: 1, to: widestGroup, whole: true, about: 'elements that a group keeps at most' },
  m: { default: 4, from: 2, to: widestGroup, whole: true, about: 'consecutive inputs in a group' },
} as const;

/** @throws UserError when a group would keep all it has. */
export function checkNm(target: string, { n, m }: NOfM): void {
  if (n >= m) throw new UserError(`${target}: n`, `expected a number below m, ${m}, got ${n}`);
}

/** Consecutive columns that groups never cross: the input channels at one kernel position, or all inputs. */
export const segmentOf = ({ columns, kernel = [] }: MatrixLayout): number => columns / sizeOf(kernel);

/** What the groups of a layer keep. */
export interface Groups {
  readonly count: number;
  /** Groups that keep more than n. */
  readonly broken: number;
  /** The first of those: its output (over all stacks), its first column and how many it keeps. */
  readonly first?: { readonly output: number; readonly column: number; readonly kept: number };
}

/** @param elements of the matrices, [stacks, rows, columns]; what is falsy is not kept. */
export function groupsIn(elements: ArrayLike<unknown>, layout: MatrixLayout, { n, m }: NOfM): Groups {
  let count = 0;
  let broken = 0;
  let first: Groups['first'];
  eachGroup(elements.length, segmentOf(layout), m, (start) => {
    let kept = 0;
    for (let i = start; i < start + m; i++) if (elements[i]) kept++;
    count++;
    if (kept <= n) return;
    broken++;
    first ??= { output: Math.floor(start / layout.columns), column: start % layout.columns, kept };
  });
  return { count, broken, ...(first && { first }) };
}

/** Calls `visit` with the start of every whole group of m, and `rest` with what is left of each segment. */
export function eachGroup(
  length: number,
  segment: number,
  m: number,
  visit: (start: number) => void,
  rest?: (start: number, end: number) => void,
): void {
  const left = segment % m;
  for (let start = 0; start < length; start += segment) {
    const end = start + segment - left;
    for (let group = start; group < end; group += m) visit(group);
    if (left > 0) rest?.(end, end + left);
  }
}

/** Why groups of m do not fit into the inputs, or null. */
export function misfit(layout: MatrixLayout, m: number): string | null {
  const segment = segmentOf(layout);
  if (segment >= m) return null;
  const what = layout.kernel ? 'input channels at a kernel position' : 'inputs';
  return `groups of ${m} need as many consecutive ${what}, it has ${segment}`;
}

/** Where a weight breaks the pattern. */
export const printBreak = ({ first, broken, count }: Groups, { n, m }: NOfM): string =>
  `columns ${first!.column} to ${first!.column + m - 1} of output ${first!.output} hold ${first!.kept} values other than zero, ${n}:${m} allows ${n}; ${broken} of ${count} groups break it`;

/** The weight that breaks the pattern in the largest share of its groups. */
export function worstOf(
  broken: ReadonlyMap<string, Groups>,
): { readonly name: string; readonly groups: Groups } | undefined {
  const share = ({ broken, count }: Groups): number => broken / count;
  const [worst] = [...broken].sort(([, a], [, b]) => share(b) - share(a));
  return worst && { name: worst[0], groups: worst[1] };
}
