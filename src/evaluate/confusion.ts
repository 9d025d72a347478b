/** Which classes are taken for which, and the figures that follow from it. */

export interface ClassFigures {
  /** Samples of the class. */
  readonly support: number;
  /** Samples taken for it. */
  readonly predicted: number;
  /** Of those, the fraction that is right; absent when there are none. */
  readonly precision?: number;
  /** Of its samples, the fraction found; absent when it has none. */
  readonly recall?: number;
  /** 2 TP / (2 TP + FP + FN); absent when the class neither occurs nor is predicted. */
  readonly f1?: number;
}

export interface F1 {
  /** Mean over the classes that occur or are predicted, as scikit-learn takes it. */
  readonly macro: number;
  /** Mean weighted by samples. */
  readonly weighted: number;
  /** Of the counts of all classes together: where each sample has one class, this is the accuracy. */
  readonly micro: number;
}

/** Counts of (class, predicted class). */
export function confusion(classes: number) {
  const counts = new Map<number, number>();
  const at = (actual: number, predicted: number): number => counts.get(actual * classes + predicted) ?? 0;
  return {
    add(actual: number, predicted: number): void {
      counts.set(actual * classes + predicted, at(actual, predicted) + 1);
    },
    /** A row for each class, a column for each class it was taken for. */
    matrix: (): number[][] =>
      Array.from({ length: classes }, (_, actual) =>
        Array.from({ length: classes }, (_, predicted) => at(actual, predicted)),
      ),
    perClass(): ClassFigures[] {
      const support = new Float64Array(classes);
      const predicted = new Float64Array(classes);
      for (const [pair, count] of counts) {
        support[Math.floor(pair / classes)]! += count;
        predicted[pair % classes]! += count;
      }
      return Array.from({ length: classes }, (_, c) => figuresOf(at(c, c), support[c]!, predicted[c]!));
    },
  };
}

const figuresOf = (right: number, support: number, predicted: number): ClassFigures => ({
  support,
  predicted,
  ...(predicted > 0 && { precision: right / predicted }),
  ...(support > 0 && { recall: right / support }),
  ...(support + predicted > 0 && { f1: (2 * right) / (support + predicted) }),
});

export function f1Of(perClass: readonly ClassFigures[]): F1 {
  const known = perClass.filter(({ f1 }) => f1 !== undefined);
  const samples = perClass.reduce((sum, { support }) => sum + support, 0);
  // 2 TP + FP + FN is support and predicted together
  const counts = known.reduce((sum, { support, predicted }) => sum + support + predicted, 0);
  return {
    macro: known.reduce((sum, { f1 = 0 }) => sum + f1, 0) / known.length,
    weighted: known.reduce((sum, { f1 = 0, support }) => sum + f1 * support, 0) / samples,
    micro: known.reduce((sum, { f1 = 0, support, predicted }) => sum + f1 * (support + predicted), 0) / counts,
  };
}
