/** The warnings of a run of training, each told once with the trainings that it is of. */
import { count, plural } from './format.js';
import type { TrainReport } from './train-report.js';

/** Trainings that are named one by one. */
const mostNamed = 3;

/** Those of the run first, then those of its trainings; what did not come to an end is told too. */
export function warningsOf({ warnings, cells }: TrainReport): string[] {
  const places = new Map<string, string[]>();
  for (const { labels, seed, status, reason, warnings: own } of cells) {
    const place = `${plural(labels, 'label')}, seed ${seed}`;
    const ended = status === 'done' ? [] : [`${status}${reason === undefined ? '' : `: ${reason}`}`];
    for (const text of new Set([...ended, ...own])) places.set(text, [...(places.get(text) ?? []), place]);
  }
  const ofCells = [...places].map(([text, where]) =>
    cells.length === 1
      ? text
      : where.length > mostNamed
        ? `${text} (${count(where.length)} of ${plural(cells.length, 'training')})`
        : `${text} (${where.join('; ')})`,
  );
  return [...warnings, ...ofCells];
}
