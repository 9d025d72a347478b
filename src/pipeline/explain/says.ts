/** What a model says of a row, and what it is to say, in words. */
import { type Ground, isRange } from '../../counterfactual/index.js';
import { largest } from '../../oracle/readings.js';
import type { Says } from '../../report/explain-report.js';
import { figure, percent } from '../../report/format.js';
import { className } from '../../report/words.js';

/** @param scores logits, or the number of a regressor. */
export function saysOf(scores: Float32Array, { wish }: Ground, classes: readonly string[] | undefined): Says {
  if (isRange(wish.goal)) return { value: scores[0]! };
  const label = largest(scores);
  const top = scores[label]!;
  const sum = scores.reduce((total, score) => total + Math.exp(score - top), 0);
  return { class: label, name: className(classes, label), probability: 1 / sum };
}

/** @param label the class that one instance is to become. */
export function wantedText({ wish }: Ground, label: number, classes: readonly string[] | undefined): string {
  if (isRange(wish.goal)) return goalText(wish, classes);
  return `${className(classes, label)}${surely(wish)}`;
}

/** What all instances are to become. */
export function goalText(wish: Ground['wish'], classes: readonly string[] | undefined): string {
  const { goal } = wish;
  if (goal.kind === 'range') {
    const { low, high } = goal;
    if (!Number.isFinite(low)) return `below ${figure(high)}${surely(wish)}`;
    return Number.isFinite(high)
      ? `between ${figure(low)} and ${figure(high)}${surely(wish)}`
      : `above ${figure(low)}${surely(wish)}`;
  }
  const what = {
    other: () => 'the most likely other class',
    class: () => className(classes, 'label' in goal ? goal.label : 0),
    offset: () => `the class ${'by' in goal ? goal.by : 0} further on`,
  }[goal.kind]();
  return `${what}${surely(wish)}`;
}

const surely = ({ probability, margin }: Ground['wish']): string =>
  [
    ...(probability === undefined ? [] : [` with a probability of at least ${percent(probability)}`]),
    ...(margin ? [` by a margin of ${figure(margin)}`] : []),
  ].join(',');
