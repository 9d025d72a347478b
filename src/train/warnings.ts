/** warningsOf: signs that a training did not do what it looks like. */
import type { TrainingSeries } from './step/feeds.js';
import type { CurvePoint, Trained } from './train.js';

/** Over the second half of the steps, when ramps are up. */
export function warningsOf({ curve, best }: Pick<Trained, 'curve' | 'best'>, { unlabelled }: TrainingSeries): string[] {
  const late = curve.slice(Math.floor(curve.length / 2));
  return [...unusedWarnings(late), ...guessWarnings(late, unlabelled.labels), ...bestWarnings(curve, best.step)];
}

function* unusedWarnings(late: readonly CurvePoint[]): Generator<string> {
  const used = meanOf(late, ({ diagnostics }) => diagnostics.utilisation);
  if (used !== undefined && used < 0.01) {
    yield `${percent(used)} of the unlabelled series count in the second half: the method works as supervised training; lower its threshold, or train longer`;
  }
  const terms = new Set(late.flatMap((point) => Object.keys(point.terms)));
  terms.delete('supervised');
  for (const term of terms) {
    if (meanOf(late, (point) => point.terms[term]) === 0)
      yield `the term '${term}' is 0 in the second half: unlabelled series teach nothing`;
  }
}

/** A guess that is no better than the most frequent class teaches the wrong thing. */
function* guessWarnings(late: readonly CurvePoint[], labels: Int32Array | undefined): Generator<string> {
  const right = meanOf(late, ({ diagnostics }) => diagnostics['pseudo-label accuracy']);
  const known = labels?.filter((label) => label >= 0);
  if (right === undefined || !known || known.length === 0) return;
  const counts = new Map<number, number>();
  for (const label of known) counts.set(label, (counts.get(label) ?? 0) + 1);
  const majority = Math.max(...counts.values()) / known.length;
  if (right < majority) {
    yield `${percent(right)} of the guesses for unlabelled series are right, where the most frequent class alone is ${percent(majority)}: they mislead; weigh them less or give more labels`;
  }
}

function* bestWarnings(curve: readonly CurvePoint[], bestStep: number): Generator<string> {
  const [first] = curve;
  if (first?.validation && curve.length > 3 && bestStep <= first.step) {
    yield 'the first judged weights are the best ones: training made them worse; take a lower learning rate';
  }
}

function meanOf(points: readonly CurvePoint[], of: (point: CurvePoint) => number | undefined): number | undefined {
  const numbers = points.flatMap((point) => of(point) ?? []);
  return numbers.length > 0 ? numbers.reduce((sum, number) => sum + number, 0) / numbers.length : undefined;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
