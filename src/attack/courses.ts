/** sideBySide: methods written for one example at a time, run together: what they ask the model at the same time is asked at once. */
import type { Objective } from './objectives.js';
import { concatenated } from './packed.js';
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
      const points = concatenated(alike.map(({ question }) => question.point));
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
