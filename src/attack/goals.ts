/** Goals: what counts as success. One pass over the subjects has one goal; some wishes take several passes. */
import { UserError } from '../errors.js';

export type Goal =
  | { readonly kind: 'untargeted' }
  | { readonly kind: 'label'; readonly label: number }
  /** The label so many further on, from the last to the first. */
  | { readonly kind: 'offset'; readonly by: number }
  | { readonly kind: 'least-likely' };

/** One pass a goal; `all` is every other label, one offset after the other. */
export type Wish = readonly Goal[] | 'all';

export const isTargeted = ({ kind }: Goal): boolean => kind !== 'untargeted';

export const nameOf = (goal: Goal): string => {
  if (goal.kind === 'label') return `label ${goal.label}`;
  return goal.kind === 'offset' ? `label + ${goal.by}` : goal.kind;
};

/** @throws UserError for labels and offsets that the model does not have. */
export function passesOf(wish: Wish, classes: number): readonly Goal[] {
  if (wish === 'all') return Array.from({ length: classes - 1 }, (_, i) => ({ kind: 'offset', by: i + 1 }));
  for (const goal of wish) {
    if (goal.kind === 'label' && !(goal.label >= 0 && goal.label < classes))
      throw new UserError('--targeted', `expected a label below ${classes}, the model's classes, got ${goal.label}`);
    if (goal.kind === 'offset' && goal.by % classes === 0)
      throw new UserError(
        '--targeted',
        `expected an offset that is no multiple of the ${classes} classes, got ${goal.by}`,
      );
  }
  return wish;
}

/** The label to reach, or to leave; undefined where the goal is reached before anything changed. */
export function goalOf(goal: Goal, label: number, logits: Float32Array): number | undefined {
  const classes = logits.length;
  if (goal.kind === 'untargeted') return label;
  if (goal.kind === 'label') return goal.label === label ? undefined : goal.label;
  if (goal.kind === 'offset') return (((label + goal.by) % classes) + classes) % classes;
  let least = label === 0 ? 1 : 0;
  for (let c = 0; c < classes; c++) if (c !== label && logits[c]! < logits[least]!) least = c;
  return least;
}
