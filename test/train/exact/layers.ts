/** Layers of a fully convolutional network in float64, each with its gradient written by hand: y, and what dL/dy makes of dL/d(inputs). */

/** An array in row-major order. */
export interface Floats {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** What a layer gives, and the gradients of a loss by its inputs, in the order of the inputs, from that by `y`. */
export interface Layer {
  readonly y: Floats;
  back(dy: Floats): readonly Floats[];
}

/** Mean and biased variance of each channel. */
export interface Statistics {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

export const zeros = (shape: readonly number[]): Floats => ({
  shape,
  values: new Float64Array(shape.reduce((product, size) => product * size, 1)),
});

/**
 * y[n, o, t] = bias[o] + sum over i, k of weight[o, i, k] x[n, i, t + k - left]: as long as x, with zeros outside of it and the odd one
 * of them at the end.
 * @param x [series, channels, length]; @param weight [outputs, channels, kernel]; @param bias [outputs].
 */
export function convolution(x: Floats, weight: Floats, bias?: Floats): Layer {
  const [count, channels, length] = x.shape as [number, number, number];
  const [outputs, , kernel] = weight.shape as [number, number, number];
  const left = Math.floor((kernel - 1) / 2);
  /** Every product of the sum, by the places of y, weight and x. */
  const each = (visit: (y: number, w: number, x: number) => void): void => {
    for (let n = 0; n < count; n++)
      for (let o = 0; o < outputs; o++)
        for (let i = 0; i < channels; i++)
          for (let k = 0; k < kernel; k++)
            for (let t = Math.max(0, left - k); t < Math.min(length, length + left - k); t++)
              visit(
                (n * outputs + o) * length + t,
                (o * channels + i) * kernel + k,
                (n * channels + i) * length + t + k - left,
              );
  };
  const y = zeros([count, outputs, length]);
  if (bias) perChannel(y, (at, o) => (y.values[at] = bias.values[o]!));
  each((to, w, from) => (y.values[to]! += weight.values[w]! * x.values[from]!));
  return {
    y,
    back(dy) {
      const [dx, dWeight] = [zeros(x.shape), zeros(weight.shape)];
      each((from, w, to) => {
        dx.values[to]! += weight.values[w]! * dy.values[from]!;
        dWeight.values[w]! += x.values[to]! * dy.values[from]!;
      });
      if (!bias) return [dx, dWeight];
      const dBias = zeros(bias.shape);
      perChannel(dy, (at, o) => (dBias.values[o]! += dy.values[at]!));
      return [dx, dWeight, dBias];
    },
  };
}

/**
 * BatchNormalization in training mode: y = scale (x - mean) / sqrt(variance + epsilon) + bias, with the moments of the batch.
 * @param x [series, channels, length]; @param scale [channels]; @param bias [channels].
 */
export function batchNormalization(
  x: Floats,
  scale: Floats,
  bias: Floats,
  epsilon: number,
): Layer & { readonly batch: Statistics } {
  const [count, channels, length] = x.shape as [number, number, number];
  const size = count * length;
  const [mean, variance] = [new Float64Array(channels), new Float64Array(channels)];
  perChannel(x, (at, c) => (mean[c]! += x.values[at]! / size));
  perChannel(x, (at, c) => (variance[c]! += (x.values[at]! - mean[c]!) ** 2 / size));
  const inverse = variance.map((v) => 1 / Math.sqrt(v + epsilon));
  const scores = zeros(x.shape);
  perChannel(x, (at, c) => (scores.values[at] = (x.values[at]! - mean[c]!) * inverse[c]!));
  const y = zeros(x.shape);
  perChannel(x, (at, c) => (y.values[at] = scale.values[c]! * scores.values[at]! + bias.values[c]!));
  return {
    y,
    batch: { mean, variance },
    back(dy) {
      const [dx, dScale, dBias] = [zeros(x.shape), zeros(scale.shape), zeros(bias.shape)];
      perChannel(dy, (at, c) => {
        dBias.values[c]! += dy.values[at]!;
        dScale.values[c]! += dy.values[at]! * scores.values[at]!;
      });
      // with d = scale dy: dx = (d - mean d - scores mean(d scores)) / deviation, as the moments move with x too
      perChannel(dy, (at, c) => {
        const centred = dy.values[at]! - dBias.values[c]! / size - (scores.values[at]! * dScale.values[c]!) / size;
        dx.values[at] = scale.values[c]! * inverse[c]! * centred;
      });
      return [dx, dScale, dBias];
    },
  };
}

/** BatchNormalization in inference mode: the same by statistics that are given. */
export function normalized(x: Floats, scale: Floats, bias: Floats, given: Statistics, epsilon: number): Floats {
  const y = zeros(x.shape);
  perChannel(x, (at, c) => {
    const score = (x.values[at]! - given.mean[c]!) / Math.sqrt(given.variance[c]! + epsilon);
    y.values[at] = scale.values[c]! * score + bias.values[c]!;
  });
  return y;
}

/** max(x, 0), whose gradient at 0 is taken as 0. */
export function relu(x: Floats): Layer {
  return {
    y: { shape: x.shape, values: x.values.map((each) => Math.max(each, 0)) },
    back: (dy) => [{ shape: x.shape, values: dy.values.map((each, i) => (x.values[i]! > 0 ? each : 0)) }],
  };
}

/** The mean over time. @param x [series, channels, length]; y is [series, channels]. */
export function globalAveragePool(x: Floats): Layer {
  const [count, channels, length] = x.shape as [number, number, number];
  const y = zeros([count, channels]);
  for (const [at, each] of x.values.entries()) y.values[Math.floor(at / length)]! += each / length;
  return {
    y,
    back: (dy) => [{ shape: x.shape, values: x.values.map((_, at) => dy.values[Math.floor(at / length)]! / length) }],
  };
}

/** y = x weight^T + bias. @param x [series, features]; @param weight [classes, features]; @param bias [classes]. */
export function linear(x: Floats, weight: Floats, bias: Floats): Layer {
  const [count, features] = x.shape as [number, number];
  const [classes] = bias.shape as [number];
  const y = zeros([count, classes]);
  const each = (visit: (y: number, w: number, x: number) => void): void => {
    for (let n = 0; n < count; n++)
      for (let c = 0; c < classes; c++)
        for (let f = 0; f < features; f++) visit(n * classes + c, c * features + f, n * features + f);
  };
  for (const at of y.values.keys()) y.values[at] = bias.values[at % classes]!;
  each((to, w, from) => (y.values[to]! += weight.values[w]! * x.values[from]!));
  return {
    y,
    back(dy) {
      const [dx, dWeight, dBias] = [zeros(x.shape), zeros(weight.shape), zeros(bias.shape)];
      each((from, w, to) => {
        dx.values[to]! += weight.values[w]! * dy.values[from]!;
        dWeight.values[w]! += x.values[to]! * dy.values[from]!;
      });
      for (const [at, d] of dy.values.entries()) dBias.values[at % classes]! += d;
      return [dx, dWeight, dBias];
    },
  };
}

/** The mean over series of log(sum(exp logits)) - logits[label], as an array of no axes. @param logits [series, classes]. */
export function crossEntropy(logits: Floats, labels: ArrayLike<number>): Layer {
  const [count, classes] = logits.shape as [number, number];
  const chances = new Float64Array(count * classes);
  let loss = 0;
  for (let n = 0; n < count; n++) {
    const row = logits.values.subarray(n * classes, (n + 1) * classes);
    const most = Math.max(...row);
    const normaliser = most + Math.log(row.reduce((sum, each) => sum + Math.exp(each - most), 0));
    for (const [c, each] of row.entries()) chances[n * classes + c] = Math.exp(each - normaliser);
    loss += (normaliser - row[labels[n]!]!) / count;
  }
  return {
    y: { shape: [], values: Float64Array.of(loss) },
    back(dy) {
      const isOwn = (at: number): boolean => labels[Math.floor(at / classes)] === at % classes;
      const slopes = chances.map((p, at) => (dy.values[0]! * (p - (isOwn(at) ? 1 : 0))) / count);
      return [{ shape: logits.shape, values: slopes }];
    },
  };
}

/** Visits all places of [series, channels, length], each with its channel. */
function perChannel({ shape, values }: Floats, visit: (at: number, channel: number) => void): void {
  const [, channels, length] = shape as [number, number, number];
  for (let at = 0; at < values.length; at++) visit(at, Math.floor(at / length) % channels);
}
