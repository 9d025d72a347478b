/** Outcome: what came of one example, in figures alone: a row of a report. */
import { rowAt } from '../../oracle/packed.js';
import type { Finding, Ground } from '../run.js';
import { type Change, changeOf } from './change.js';
import type { Interpretability } from './interpretability.js';

export interface Outcome extends Omit<Finding, 'adversarial' | 'seconds'> {
  /** All zero where the attack failed. */
  readonly change: Change;
  readonly interpretability?: Interpretability;
}

/** @param interpretability of the findings in order, where it was measured. */
export function outcomesOf(
  findings: readonly Finding[],
  { subjects, space, bounds }: Pick<Ground, 'subjects' | 'space' | 'bounds'>,
  interpretability: readonly (Interpretability | undefined)[] = [],
): Outcome[] {
  const places = new Map(subjects.ids.map((id, place) => [id, place]));
  return findings.map(({ adversarial, seconds: _, ...finding }, i) => {
    const clean = rowAt(subjects.inputs, space.size, places.get(finding.id)!);
    const seen = interpretability[i];
    return {
      ...finding,
      change: changeOf(adversarial, clean, bounds, space),
      ...(seen && { interpretability: seen }),
    };
  });
}
