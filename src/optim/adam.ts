/** adam: Adam on arrays, many rows at once, each at its own step. For weights inside graphs there is `adamw`. */

export interface AdamOptions {
  readonly rate: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  /** Whether the largest mean square so far is divided by: Reddi, Kale, Kumar, On the convergence of Adam and beyond (arXiv 1904.09237). */
  readonly isMonotone?: boolean;
}

/** Kingma, Ba, Adam (arXiv 1412.6980). @param count of rows of `size` numbers. @returns what moves some of the rows by their gradients. */
export function adam(count: number, size: number, options: AdamOptions) {
  const { rate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, isMonotone = false } = options;
  const mean = new Float32Array(count * size);
  const square = new Float32Array(count * size);
  const most = new Float32Array(count * size);
  const steps = new Uint32Array(count);
  /** @param points all rows, moved in place. @param gradients packed as `rows`. */
  return (points: Float32Array, gradients: Float32Array, rows: readonly number[]): void => {
    rows.forEach((row, j) => {
      const t = ++steps[row]!;
      const [first, second] = [1 - beta1 ** t, 1 - beta2 ** t];
      for (let i = 0; i < size; i++) {
        const [at, gradient] = [row * size + i, gradients[j * size + i]!];
        mean[at] = beta1 * mean[at]! + (1 - beta1) * gradient;
        square[at] = beta2 * square[at]! + (1 - beta2) * gradient * gradient;
        most[at] = Math.max(most[at]!, square[at]!);
        const below = Math.sqrt((isMonotone ? most[at]! : square[at]!) / second) + epsilon;
        points[at]! -= (rate * mean[at]!) / first / below;
      }
    });
  };
}
