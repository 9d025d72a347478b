/** The input itself: squared error in the space where the network works. */

export const reconstruction = (space) => ({
  targets: () => new Map(),
  loss: (g, values, context) => squaredError(g, values, space, context),
  figures: (answers, test, context) => errorFigures(answers, test, space, context),
});

/** Mean over samples and features. */
export function squaredError(g, { input, reconstruction }, space, context) {
  const difference = g.sub(space.enter(g, input, context), space.enter(g, reconstruction, context));
  return g.op('ReduceMean', [g.mul(difference, difference)], { keepdims: 0 });
}

/** `error` is the mean squared error on held-out samples; `variance` what the mean of the training samples would leave. */
export function errorFigures({ reconstruction }, { x, count }, space, { moments }) {
  const features = x.length / count;
  const squares = (from) =>
    x.reduce((sum, value, i) => {
      const column = i % features;
      return sum + ((value - from(i, column)) / space.unit(moments, column)) ** 2 / x.length;
    }, 0);
  return { error: squares((i) => reconstruction[i]), variance: squares((_, column) => moments.mean[column]) };
}
