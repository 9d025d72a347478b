/** Shows the progress of a job on a terminal as a bar with the time left, elsewhere as plain lines. */
import { duration } from '../report/format.js';
import { visible } from '../report/visible.js';
import type { JobEvent } from '../runtime/job.js';

type Progress = Extract<JobEvent, { type: 'progress' }>;

export interface ProgressOptions {
  /** Whether lines can be drawn over. */
  readonly isTerminal: boolean;
  readonly isQuiet: boolean;
  readonly columns: number;
  /** Milliseconds, only differences count. */
  readonly now: () => number;
  readonly write: (text: string) => void;
}

const barWidth = 24;
const millisecondsBetweenDraws = 100;
const millisecondsBetweenLines = 5_000;
const millisecondsThatTell = 500;

/** Takes a job's events one by one; `end` clears what is still drawn. */
export class ProgressView {
  readonly #options: ProgressOptions;
  #stage = '';
  #started = 0;
  #shown = -Infinity;
  #hasStep = false;
  #isDrawn = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  show(event: JobEvent): void {
    if (event.type === 'log') this.#log(event.level, event.text);
    else if (event.type === 'progress' && !this.#options.isQuiet) this.#progress(event);
  }

  end(): void {
    if (this.#isDrawn) this.#options.write('\r\x1b[K');
    this.#isDrawn = false;
  }

  /** Warnings are shown even when all else is quiet. */
  #log(level: 'info' | 'warn', text: string): void {
    if (this.#options.isQuiet && level === 'info') return;
    this.end();
    this.#options.write(`${level === 'warn' ? 'warning: ' : ''}${visible(text)}\n`);
  }

  #progress(event: Progress): void {
    const now = this.#options.now();
    const isNew = event.stage !== this.#stage;
    if (isNew) {
      this.#stage = event.stage;
      this.#started = now;
      this.#hasStep = false;
    }
    const isDone = event.done >= event.total;
    // the first step finished tells how long the rest takes; a stage of moments is not worth the line
    const isStep = event.done > 0 && !this.#hasStep && now - this.#started > millisecondsThatTell;
    this.#hasStep ||= isStep;
    const pause = this.#options.isTerminal ? millisecondsBetweenDraws : millisecondsBetweenLines;
    if (!isNew && !isStep && !isDone && now - this.#shown < pause) return;
    this.#shown = now;
    this.#draw(event, now - this.#started);
  }

  #draw(event: Progress, elapsed: number): void {
    const text = describeProgress(event, elapsed);
    if (!this.#options.isTerminal) {
      this.#options.write(`${text}\n`);
      return;
    }
    const line = `${bar(event.done / Math.max(event.total, 1))} ${text}`;
    this.#options.write(`\r\x1b[K${line.slice(0, this.#options.columns - 1)}`);
    this.#isDrawn = true;
  }
}

/** `block 3: 24 of 128 samples, 12 s left`. */
export function describeProgress({ stage, done, total, unit }: Progress, elapsed: number): string {
  const count = `${visible(stage)}: ${done} of ${total}${unit ? ` ${unit}` : ''}`;
  if (done >= total) return `${count}, ${duration(elapsed / 1000)}`;
  // the first moments of a stage say little about the rest
  return done > 0 && elapsed > millisecondsThatTell
    ? `${count}, ${duration((elapsed / done / 1000) * (total - done))} left`
    : count;
}

function bar(fraction: number): string {
  const filled = Math.round(Math.min(fraction, 1) * barWidth);
  return `[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}]`;
}
