/** Words beside points of a chart, moved up or down until none covers another. */

interface Placed {
  /** Pixels. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

const rounds = 60;

/** How far each is to move along y, in pixels; words that only touch at their sides stay. */
export function movedApart(words: readonly Placed[], lineHeight: number): number[] {
  const moved = words.map(() => 0);
  for (let round = 0; round < rounds; round++) {
    let isClear = true;
    for (let a = 0; a < words.length; a++)
      for (let b = a + 1; b < words.length; b++) {
        const [one, other] = [words[a]!, words[b]!];
        const gap = other.y + moved[b]! - one.y - moved[a]!;
        const missing = lineHeight - Math.abs(gap);
        if (missing <= 0.01 || Math.abs(one.x - other.x) >= (one.width + other.width) / 2) continue;
        const push = (gap < 0 ? -1 : 1) * (missing / 2);
        moved[a] = moved[a]! - push;
        moved[b] = moved[b]! + push;
        isClear = false;
      }
    if (isClear) break;
  }
  return moved;
}
