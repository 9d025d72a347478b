/** Which series are labelled, validated and tested on: stratified draws that are functions of the labels and a seed. */
import { UserError } from '../errors.js';
import { random } from '../tensor/random.js';

/** Numbers of series; those of `labelled` in random order, the others ascending. */
export interface LabelDraw {
  readonly labelled: Uint32Array;
  /** All series whose label is not used, or not known. */
  readonly unlabelled: Uint32Array;
}

export interface DrawOptions {
  readonly seed: number;
  /** The only series drawn from; default all. */
  readonly rows?: Uint32Array;
}

export interface LabelDrawOptions extends DrawOptions {
  /** Whether the labels of a seed are among those of every larger budget of it, so that curves over budgets differ by the labels added; default true. */
  readonly nested?: boolean;
}

/**
 * The series whose labels are used. Of each class that has labelled series: one, then one more at a time to the class c with the largest
 * n_c / (2 q_c + 1), n_c its series and q_c those drawn (the method of Sainte-Laguë), until `budget` are drawn. So shares are those of the
 * classes, no class is left out, and with every label more no class loses one. Within a class the seed shuffles.
 * @param labels of each series, -1 without one.
 * @throws UserError when fewer labels are asked for than there are classes, or more than there are.
 */
export function drawLabels(
  labels: Int32Array,
  budget: number | 'all',
  { seed, rows = allOf(labels), nested = true }: LabelDrawOptions,
): LabelDraw {
  const groups = byClass(labels, rows);
  const known = countOf(groups);
  if (budget !== 'all') checkBudget(budget, groups.size, known, rows.length < labels.length);
  const stream = nested ? 'labels' : `labels of ${budget}`;
  const labelled = stratified(groups, budget === 'all' ? known : budget, seed, stream);
  const used = new Set(labelled);
  // neighbours of one class would make batches of one class
  const order = random(seed, `order of ${stream}`).permutation(labelled.length);
  return {
    labelled: Uint32Array.from(order, (at) => labelled[at]!),
    unlabelled: rows.filter((row) => !used.has(row)),
  };
}

/** Two parts of the series, ascending. */
export interface ValidationSplit {
  readonly training: Uint32Array;
  readonly validation: Uint32Array;
}

/**
 * Sets `size` labelled series apart for validation, shares as in `drawLabels`, and leaves at least one of each class. Whoever draws labels from
 * the rest validates all budgets of a seed on the same series.
 * @throws UserError when too few labelled series are left to train on.
 */
export function splitValidation(
  labels: Int32Array,
  size: number,
  { seed, rows = allOf(labels) }: DrawOptions,
): ValidationSplit {
  const groups = byClass(labels, rows);
  const most = countOf(groups) - groups.size;
  if (most < 1) {
    throw new UserError(
      '--validation',
      `expected more labelled series than one a class, so that some can be set apart, got ${countOf(groups)} of ${groups.size} classes; label more or give a file of others`,
    );
  }
  if (!Number.isInteger(size) || size < 1 || size > most) {
    throw new UserError(
      '--validation-size',
      `expected from 1 to ${most} series, which leaves one of each class to train on, got ${size}; ask for fewer or give a file with --validation`,
    );
  }
  const chosen = new Set(stratified(groups, size, seed, 'validation', 1));
  return {
    training: rows.filter((row) => !chosen.has(row)),
    validation: rows.filter((row) => chosen.has(row)),
  };
}

/** At most `most` labelled series, ascending, shares as in `drawLabels`; where there are fewer classes drawn than there are, the most frequent. */
export function sampleTest(labels: Int32Array, most: number, { seed, rows = allOf(labels) }: DrawOptions): Uint32Array {
  const groups = byClass(labels, rows);
  return stratified(groups, Math.min(most, countOf(groups)), seed, 'test').sort();
}

/** @throws UserError when there are none, and `algorithm` needs some. */
export function checkUnlabelled({ unlabelled, labelled }: LabelDraw, algorithm: string): void {
  if (unlabelled.length > 0) return;
  throw new UserError(
    '--labels',
    `expected unlabelled series, which ${algorithm} needs, got none beside ${labelled.length} labelled ones; ask for fewer labels or add series with --unlabelled`,
  );
}

function checkBudget(budget: number, classes: number, known: number, isReduced: boolean): void {
  if (!Number.isInteger(budget)) {
    const either = Number.isFinite(budget) ? `ask for ${Math.floor(budget)} or ${Math.ceil(budget)}` : 'give one';
    throw new UserError('--labels', `expected a whole number of labels, got ${budget}; ${either}`);
  }
  if (budget < classes) {
    throw new UserError('--labels', `expected at least ${classes} labels, one a class, got ${budget}; ask for more`);
  }
  if (budget > known) {
    const has = isReduced ? 'are left beside the validation series' : 'the training set has';
    throw new UserError(
      '--labels',
      `expected at most ${known} labels, which ${has}, got ${budget}; ask for fewer, or all`,
    );
  }
}

const allOf = (labels: Int32Array): Uint32Array => Uint32Array.from(labels.keys());

/** Series by class, of those that have one; ascending. */
function byClass(labels: Int32Array, rows: Uint32Array): ReadonlyMap<number, readonly number[]> {
  const groups = new Map<number, number[]>();
  for (const row of rows) {
    const label = labels[row]!;
    if (label < 0) continue;
    const group = groups.get(label);
    if (group) group.push(row);
    else groups.set(label, [row]);
  }
  return new Map([...groups].sort(([a], [b]) => a - b));
}

const countOf = (groups: ReadonlyMap<number, readonly number[]>): number =>
  [...groups.values()].reduce((sum, { length }) => sum + length, 0);

/** Class after class, `count` of all. @param kept of each class that stay. */
function stratified(
  groups: ReadonlyMap<number, readonly number[]>,
  count: number,
  seed: number,
  stream: string,
  kept = 0,
): Uint32Array {
  const quotas = shares(
    [...groups.values()].map(({ length }) => length),
    count,
    kept,
  );
  const drawn = [...groups].flatMap(([label, rows], place) =>
    Array.from(random(seed, `${stream}: class ${label}`).sample(quotas[place]!, rows.length), (at) => rows[at]!),
  );
  return Uint32Array.from(drawn);
}

/** How many of each class; of equal claims the first class's counts. */
function shares(sizes: readonly number[], count: number, kept: number): number[] {
  const quotas = sizes.map(() => 0);
  for (let drawn = 0; drawn < count; drawn++) {
    let best = -1;
    for (const [place, size] of sizes.entries()) {
      if (quotas[place]! + kept >= size) continue;
      if (best < 0 || claim(size, quotas[place]!) > claim(sizes[best]!, quotas[best]!)) best = place;
    }
    quotas[best]!++;
  }
  return quotas;
}

/** A class of which none is drawn comes before all others, larger ones first. */
const claim = (size: number, drawn: number): number => (drawn === 0 ? size * 2 ** 32 : size / (2 * drawn + 1));
