/** What a step of a fit takes, and what a judgement, read off the moments at which it says how far it is. */
import type { JobContext } from '../../runtime/job-protocol.js';
import { secondsInRuntime } from '../../runtime/spent.js';

export interface FitTimes {
  /** Paid once: graphs made, sessions opened, weights read and stored. */
  readonly fixedSeconds: number;
  readonly secondsPerStep: number;
  /** The loss on one batch. */
  readonly secondsPerJudged: number;
}

/** How many batches a fit judges: before its first step, and after its last. */
export interface Judged {
  readonly before: number;
  readonly after: number;
}

interface Moment {
  readonly at: number;
  /** Seconds that sessions have taken to open so far. */
  readonly opening: number;
}

const now = (): Moment => ({ at: performance.now() / 1000, opening: secondsInRuntime('opening') });

export class FitClock {
  #begin = now();
  #laps: (Moment & { readonly steps: number })[] = [];
  /** For the fit: what it says goes nowhere else. */
  readonly context: JobContext;

  constructor(context: JobContext) {
    this.context = {
      ...context,
      emit: (event) => {
        if (event.type === 'progress' && event.unit === 'steps') this.#laps.push({ ...now(), steps: event.done });
      },
    };
  }

  restart(): void {
    this.#begin = now();
    this.#laps = [];
  }

  /** Of the fit that ends now and did one epoch; undefined where it had no step. */
  times(judged: Judged): FitTimes | undefined {
    const end = now();
    const [first, last] = [this.#laps[0], this.#laps.at(-1)];
    if (!first || !last) return undefined;
    const until = between(this.#begin, first);
    const secondsPerJudged = between(last, end) / judged.after;
    const alone = Math.max(0, until - judged.before * secondsPerJudged);
    const more = last.steps - first.steps;
    const secondsPerStep = more > 0 ? between(first, last) / more : alone;
    const spent = (judged.before + judged.after) * secondsPerJudged + (more + 1) * secondsPerStep;
    return { fixedSeconds: Math.max(0, end.at - this.#begin.at - spent), secondsPerStep, secondsPerJudged };
  }
}

/** Seconds without those in which sessions are opened. */
const between = (a: Moment, b: Moment): number => Math.max(0, b.at - a.at - (b.opening - a.opening));
