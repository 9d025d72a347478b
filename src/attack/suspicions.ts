/** Suspicions: what about a model makes the figures of attacks doubtful. Croce, Hein, Reliable evaluation of adversarial robustness (arXiv 2003.01690), warn of the like. */
import { UserError } from '../errors.js';
import { marginOf } from '../oracle/margins.js';
import { gap } from '../oracle/objectives.js';
import type { Asked, Context } from '../oracle/oracle.js';
import { pick, rowAt } from '../oracle/packed.js';
import { random } from '../tensor/random.js';
import { percentile } from './metrics/spread.js';
import type { Ground } from './run.js';

export interface SuspicionOptions {
  /** Examples a call; as many are looked at. */
  readonly batch: number;
  readonly seed: number;
}

/** Share of examples from which on something is odd. */
const many = 0.1;

/** Sentences with advice, from a few calls of the model; none where nothing is odd. */
export async function suspicionsOf(ground: Ground, { batch, seed }: SuspicionOptions): Promise<string[]> {
  const { model, space, subjects } = ground;
  const samples = Array.from({ length: Math.min(batch, subjects.count) }, (_, i) => i);
  const points = pick(subjects.inputs, space.size, samples);
  const context: Context = {
    targeted: false,
    labels: subjects.labels,
    goals: subjects.labels,
    others: subjects.others,
  };
  const ask = (asked: Asked): Promise<Float32Array> => model.scores(asked, context);
  const first = await ask({ points, samples });
  const rows = samples.map((i) => rowAt(first, model.classes, i));
  const found = [
    randomised(first, await ask({ points, samples })),
    samples.length > 1 && dependent(rows[0]!, await ask({ points: rowAt(points, space.size, 0), samples: [0] })),
    saturated(rows),
    flat(await gradientsOf(ground, { points, samples }, context), samples.length, space.size),
    deaf(
      rows.map((row, i) => gapOf(row, subjects.labels[i]!)),
      await farGaps(ground, { points, samples }, ask, seed),
    ),
  ];
  return found.filter((sentence) => typeof sentence === 'string');
}

function randomised(first: Float32Array, again: Float32Array): string | false {
  const apart = distance(first, again);
  if (apart <= 1e-4 * sizeOf(first)) return false;
  return `two equal runs of the model differ by up to ${apart.toPrecision(2)} in a score: it is randomised, so that what is found once may not hold again; export it in inference mode`;
}

function dependent(inBatch: Float32Array, alone: Float32Array): string | false {
  const apart = distance(inBatch, alone);
  if (apart <= 1e-3 * sizeOf(inBatch)) return false;
  return `the scores of a sample depend on the samples beside it (by up to ${apart.toPrecision(2)}): export the model in inference mode, or attack one sample at a time`;
}

function saturated(rows: readonly Float32Array[]): string | false {
  const share = shareOf(rows, (row) => {
    const most = row.reduce((a, b) => Math.max(a, b));
    return Math.fround(1 / row.reduce((sum, score) => sum + Math.exp(score - most), 0)) === 1;
  });
  if (share < many) return false;
  return `the probability of the label is 1 in float32 for ${inPercent(share)} of the samples: gradients of cross-entropy vanish there, so that attacks that follow them (FGSM, PGD) look weaker than they are; choose a loss of logits, such as the margin or the difference of logits ratio`;
}

function flat(gradients: Float32Array | undefined, rows: number, size: number): string | false {
  if (!gradients) return false;
  const all = Array.from({ length: rows }, (_, i) => rowAt(gradients, size, i));
  const share = shareOf(all, (row) => row.every((value) => value === 0));
  if (share < many) return false;
  return `gradients are exactly zero for ${inPercent(share)} of the samples: attacks that follow them cannot move; trust attacks by scores alone, such as Sparse-RS, more`;
}

function deaf(near: readonly number[], far: readonly number[]): string | false {
  const moved = near.map((gapThere, i) => Math.abs(far[i]! - gapThere) / Math.max(1e-12, Math.abs(gapThere)));
  const usual = percentile(
    moved.sort((a, b) => a - b),
    50,
  );
  if (usual >= 0.05) return false;
  return `scores hardly move within the bounds (margins by ${inPercent(usual)} at random corners): check that the bounds are in the units that the model takes (--bounds), and that it does not clip its input`;
}

/** How far the label is above all others where every element that may move stands at a random end of its range. */
async function farGaps(
  { space, bounds, mask, subjects, model }: Ground,
  { points, samples }: Asked,
  ask: (asked: Asked) => Promise<Float32Array>,
  seed: number,
): Promise<number[]> {
  const rng = random(seed, 'suspicions');
  const far = points.map((value, at) => {
    const i = at % space.size;
    const stays = mask !== undefined && mask[mask.length === space.size ? i : at] === 0;
    return stays ? value : (rng.uniform(at) < 0.5 ? bounds.lower : bounds.upper)[i]!;
  });
  const scores = await ask({ points: far, samples });
  return samples.map((i) => gapOf(rowAt(scores, model.classes, i), subjects.labels[i]!));
}

/** Undefined for models without gradients. */
async function gradientsOf({ model }: Ground, asked: Asked, context: Context): Promise<Float32Array | undefined> {
  try {
    return (await model.slopes(asked, gap, context)).gradients;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

const gapOf = (scores: Float32Array, label: number): number => marginOf(scores, { goal: label, targeted: false });

const distance = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

const sizeOf = (scores: Float32Array): number => scores.reduce((most, score) => Math.max(most, Math.abs(score)), 1e-12);

const shareOf = <T>(all: readonly T[], isOdd: (each: T) => boolean): number => all.filter(isOdd).length / all.length;

const inPercent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;
