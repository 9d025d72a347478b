<<<<<<< HEAD

/** sideBySide: searches that ask for scores alone, each for one example, run so that they share the model's calls. */
import type { Judged, Victim } from './victim.js';

/** Yields points of its example, packed [points, size], and is told what the model says of them; it ends when it has nothing to ask. */
export type Search = Generator<Float32Array, void, Judged>;

/** Points that a search with many had best yield at once: of what all searches yield, one array is made. */
export const pointsAtOnce = (size: number): number => Math.max(1, Math.min(64, Math.floor(2 ** 18 / size)));

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
=======

/** sideBySide: methods written for one example at a time, run together: what they ask the model at the same time is asked at once. */
import type { Objective } from './objectives.js';
import { stack } from './packed.js';
import type { Use, Victim } from './victim.js';

export interface Question {
  readonly point: Float32Array;
  /** Whose gradient is wanted; without it scores alone are asked for. */
  readonly objective?: Objective;
  readonly use: Use;
}

export interface Answer {
  /** Negative where the goal is reached. */
  readonly margin: number;
  /** Of the objective; empty without one. */
  readonly gradient: Float32Array;
}

/** A method on one example: it yields questions and is given their answers. */
export type Course<Result> = Generator<Question, Result, Answer>;

export async function sideBySide(
  victim: Victim,
  rows: readonly number[],
  course: (row: number) => Course<void>,
): Promise<void> {
  const { size } = victim;
  let open: Waiting[] = rows.flatMap((row) => {
    const run = course(row);
    return waiting(row, run, run.next());
  });
  while (open.length > 0) {
    const kinds = new Map<string, Waiting[]>();
    for (const each of open) {
      const kind = `${each.question.objective?.name} ${each.question.use}`;
      kinds.set(kind, [...(kinds.get(kind) ?? []), each]);
    }
    const next: Waiting[] = [];
    for (const alike of kinds.values()) {
      const { objective, use } = alike[0]!.question;
      const points = stack(alike.map(({ question }) => question.point));
      const asking = alike.map(({ row }) => row);
      const slopes = objective && (await victim.slopes(objective, points, asking, use));
      const { margins } = slopes ?? (await victim.scores(points, asking, use));
      alike.forEach(({ row, run }, j) => {
        const gradient = slopes?.gradients.subarray(j * size, (j + 1) * size) ?? new Float32Array(0);
        next.push(...waiting(row, run, run.next({ margin: margins[j]!, gradient })));
      });
    }
    open = next;
  }
}

interface Waiting {
  readonly row: number;
  readonly run: Course<void>;
  readonly question: Question;
}

const waiting = (row: number, run: Course<void>, { done, value }: IteratorResult<Question, void>): Waiting[] =>
  done ? [] : [{ row, run, question: value as Question }];
>>>>>>> helpF
