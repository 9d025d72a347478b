/** The two halves of autoencoders, a hidden layer each. */

/** Widths, and how to train them, of the autoencoders of a network. */
export function sizesOf({ shape, space, coder = {} }) {
  const features = shape.reduce((a, b) => a * b, 1);
  const { hidden = 64, code = Math.ceil(features / 3), ...training } = coder;
  return { features, hidden, code, space, training: { batch: 8, rate: 0.003, epochs: 200, ...training } };
}

/** The hidden layer. */
export const encoded = (parts, x, { space, features, hidden }, context) =>
  parts.relu(parts.dense(space.enter(parts.g, x, context), 'encode', features, hidden));

/** The reconstruction, in the units of the input. */
export function decoded(parts, code, { space, features, hidden, code: width }, context) {
  const within = parts.relu(parts.dense(code, 'decode', width, hidden));
  return space.leave(parts.g, parts.head(within, 'restore', hidden, features), context);
}
