/** linearScores: the scores of a model that is linear, as one matrix; of any other a refusal. */
import { unsupported } from '../../errors.js';
import { concatenated, rowAt } from '../../oracle/packed.js';
import type { Case } from '../case.js';

/** scores = weights x + offsets, of points of the search's range. */
export interface LinearScores {
  /** A class each, [size]. */
  readonly weights: readonly Float64Array[];
  /** Of one instance, whose other inputs may count too, [classes]. */
  offsets(row: number): Float64Array;
}

/** Points of an instance at which the model is to say the same. */
const looks = 4;
const tolerance = 1e-3;

/**
 * Elements that may not move have weights of 0.
 * @param method whom the refusal is about. @throws UserError (exit 3) where gradients of scores differ between points of the boxes.
 */
export async function linearScores(asked: Case, method: string): Promise<LinearScores> {
  const { size, classes, all, x } = asked;
  const places = all.flatMap((row) => Array.from({ length: looks }, (_, look) => ({ row, look })));
  const points = concatenated(places.map(({ row, look }) => somewhere(asked, row, look)));
  const rows = places.map(({ row }) => row);
  const slopes: Float32Array[] = [];
  for (let c = 0; c < classes; c++) {
    const cotangents = Float32Array.from({ length: rows.length * classes }, (_, at) => Number(at % classes === c));
    slopes.push((await asked.pullback(points, cotangents, rows, 'guide')).gradients);
  }
  const { logits } = await asked.scores(x, all, 'guide');
  const weights = slopes.map((all) => Float64Array.from({ length: size }, (_, i) => freest(asked, all, rows, i)));
  const largest = Math.max(...weights.map((own) => Math.max(...own.map(Math.abs))));
  slopes.forEach((own, c) => {
    own.forEach((slope, at) => {
      const [row, i] = [rows[Math.floor(at / size)]!, at % size];
      if (asked.isFixed(row * size + i) || Math.abs(slope - weights[c]![i]!) <= tolerance * largest) return;
      throw unsupported(
        'model',
        `expected scores that are linear in the input for ${method}, got gradients of score ${c} that differ between points (${slope} and ${weights[c]![i]} for element ${i}); take another method`,
      );
    });
  });
  return {
    weights,
    offsets(row) {
      const [own, start] = [rowAt(logits, classes, row), rowAt(x, size, row)];
      return Float64Array.from(own, (score, c) =>
        start.reduce((sum, value, i) => sum - weights[c]![i]! * value, score),
      );
    },
  };
}

/** The instance itself, then the corners and an inner point of its box. */
function somewhere(asked: Case, row: number, look: number): Float32Array {
  const [start, low, high] = [asked.x, asked.lower, asked.upper].map((all) => rowAt(all, asked.size, row));
  const rng = asked.random(row, `look ${look}`);
  return start!.map((value, i) => {
    const share = look === 1 ? Math.round(rng.uniform(i)) : rng.uniform(i);
    return look === 0 ? value : low![i]! + share * (high![i]! - low![i]!);
  });
}

/** The slope of an element at the first point where it may move; 0 where it never may. */
function freest(asked: Case, slopes: Float32Array, rows: readonly number[], i: number): number {
  const at = rows.findIndex((row) => !asked.isFixed(row * asked.size + i));
  return at < 0 ? 0 : slopes[at * asked.size + i]!;
}
