/** salientPair: the two moves that together do most for the goal and against the rest, found without trying all pairs. */

/**
 * Maximises (u[p] + u[q]) (w[p] + w[q]) over pairs p and q whose two sums are positive. A move that serves best alone comes alone.
 *
 * Exact: a move of the best pair is not dominated, in both `u` and `w`, by two others, or one of them would have its place; and with
 * the largest of `u` and `w` as partner it beats any pair already known. Few moves pass both.
 * @param u what each move does for the goal. @param w what it takes from the rest. Moves that must not be made have u[p] = -Infinity.
 * @returns one or two indices, or none where no pair has positive sums.
 */
export function salientPair(u: Float32Array, w: Float32Array): number[] {
  let [uMost, wMost, first] = [0, 0, alone];
  let most = 0;
  for (let p = 0; p < u.length; p++) {
    if (u[p] === Number.NEGATIVE_INFINITY) continue;
    if (u[p] > uMost) uMost = u[p];
    if (w[p] > wMost) wMost = w[p];
    if (u[p] <= 0 || w[p] <= 0 || u[p] * w[p] <= most) continue;
    most = u[p] * w[p];
    first = p;
  }
  let best = first === alone ? [] : [first];
  const uOf = (p: number): number => (p === alone ? 0 : u[p]);
  const wOf = (p: number): number => (p === alone ? 0 : w[p]);
  const tryPair = (p: number, q: number): void => {
    const [forGoal, fromRest] = [uOf(p) + uOf(q), wOf(p) + wOf(q)];
    if (forGoal <= 0 || fromRest <= 0 || forGoal * fromRest <= most) return;
    most = forGoal * fromRest;
    best = [p, q].filter((each) => each !== alone);
  };
  if (first !== alone) for (let q = 0; q < u.length; q++) if (q !== first) tryPair(first, q);
  const hopeful = [alone];
  for (let p = 0; p < u.length; p++)
    if (u[p] + uMost > 0 && w[p] + wMost > 0 && (u[p] + uMost) * (w[p] + wMost) > most) hopeful.push(p);
  const front = hopeful.sort((p, q) => uOf(q) - uOf(p) || wOf(q) - wOf(p)).filter(beatenByOneAtMost(wOf));
  for (let i = 0; i < front.length; i++) for (let j = 0; j < i; j++) tryPair(front[i], front[j]);
  return best;
}

/** The partner of a move that is made alone. */
const alone = -1;

/** Of moves in falling order of `u`, those that at most one before them equals or exceeds in `w`. */
function beatenByOneAtMost(wOf: (p: number) => number): (p: number) => boolean {
  let [most, second] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return (p) => {
    const w = wOf(p);
    if (w <= second) return false;
    [most, second] = w > most ? [w, most] : [most, w];
    return true;
  };
}
