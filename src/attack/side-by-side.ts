/** sideBySide: methods written for one example at a time, run together: what they ask the model at the same time is asked at once. */
import type { Objective } from '../oracle/objectives.js';
import { concatenated } from '../oracle/packed.js';
import type { Judged, Use, Victim } from './victim.js';

export interface Question {
  /** Of one example, packed [points, size]; they may be written over once the answer is there. */
  readonly points: Float32Array;
  /** Whose gradients are wanted; without it scores alone are asked for. */
  readonly objective?: Objective;
  /** Default: `candidate`. */
  readonly use?: Use;
}

export interface Answer extends Judged {
  /** Of the objective, [points, size]; empty without one. */
  readonly gradients: Float32Array;
}

/** A method on one example: it yields questions, is given their answers, and ends when it has nothing to ask. */
export type Course<Result> = Generator<Question, Result, Answer>;

/** What a question with one point is answered. */
export interface PointAnswer {
  /** Negative where the goal is reached. */
  readonly margin: number;
  readonly gradient: Float32Array;
}

export const ofPoint = ({ margins, gradients }: Answer): PointAnswer => ({ margin: margins[0]!, gradient: gradients });

export async function sideBySide(victim: Victim, course: (row: number) => Course<void>): Promise<void> {
  let open = victim.all.flatMap((row) => waiting(row, course(row)));
  while (open.length > 0) {
    const alike = new Map<string, Waiting[]>();
    for (const each of open) {
      const kind = `${each.question.objective?.name} ${each.question.use}`;
      alike.set(kind, [...(alike.get(kind) ?? []), each]);
    }
    open = [];
    for (const group of alike.values()) open.push(...(await answered(victim, group)));
  }
}

interface Waiting {
  readonly row: number;
  readonly run: Course<void>;
  readonly question: Question;
}

/** The course with its next question; nothing where it has ended. */
function waiting(row: number, run: Course<void>, answer?: Answer): Waiting[] {
  const { done, value } = answer === undefined ? run.next() : run.next(answer);
  return done ? [] : [{ row, run, question: value }];
}

/** Asks for all of a group that ask the same of the model. */
async function answered(victim: Victim, group: readonly Waiting[]): Promise<Waiting[]> {
  const { size, classes } = victim;
  const { objective, use } = group[0]!.question;
  const points = concatenated(group.map(({ question }) => question.points));
  const rows = group.flatMap(({ row, question }) => new Array<number>(question.points.length / size).fill(row));
  const slopes = objective && (await victim.slopes(objective, points, rows, use));
  const { logits, margins } = slopes ?? (await victim.scores(points, rows, use));
  let from = 0;
  return group.flatMap(({ row, run, question }) => {
    const to = from + question.points.length / size;
    const answer: Answer = {
      logits: logits.subarray(from * classes, to * classes),
      margins: margins.subarray(from, to),
      gradients: slopes ? slopes.gradients.subarray(from * size, to * size) : nothing,
    };
    from = to;
    return waiting(row, run, answer);
  });
}

const nothing = new Float32Array(0);
