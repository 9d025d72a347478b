/** sideBySide: searches that ask for scores alone, each for one example, run so that they share the model's calls. */
import type { Judged, Victim } from './victim.js';

/** Yields points of its example, packed [points, size], and is told what the model says of them; it ends when it has nothing to ask. */
export type Search = Generator<Float32Array, void, Judged>;

/** What a search yields may be written over after it has been answered. */
export async function sideBySide(victim: Victim, search: (row: number) => Search): Promise<void> {
  const { size, classes } = victim;
  let open = victim.all.map((row) => asking(row, search(row))).filter((each) => each !== undefined);
  while (open.length > 0) {
    const points = new Float32Array(open.reduce((sum, { asked }) => sum + asked.length, 0));
    const rows: number[] = [];
    for (const { row, asked } of open) {
      points.set(asked, rows.length * size);
      for (let i = 0; i < asked.length; i += size) rows.push(row);
    }
    const { logits, margins } = await victim.scores(points, rows);
    let from = 0;
    open = open
      .map(({ row, searching, asked }) => {
        const to = from + asked.length / size;
        const answer = { logits: logits.subarray(from * classes, to * classes), margins: margins.subarray(from, to) };
        from = to;
        return asking(row, searching, answer);
      })
      .filter((each) => each !== undefined);
  }
}

interface Asking {
  readonly row: number;
  readonly searching: Search;
  readonly asked: Float32Array;
}

/** The search with its next question; undefined where it has ended. */
function asking(row: number, searching: Search, answer?: Judged): Asking | undefined {
  const { done, value } = answer === undefined ? searching.next() : searching.next(answer);
  return done ? undefined : { row, searching, asked: value };
}
