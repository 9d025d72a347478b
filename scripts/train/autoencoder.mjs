/** Autoencoders of the samples of another network: in and out in its units, through a narrow layer. */
import { decoded, encoded, sizesOf } from './coder.mjs';
import { reconstruction } from './goals/reconstruction.mjs';

export function autoencoder(network) {
  const { shape, space, classes, samples, missing } = network;
  const sizes = sizesOf(network);
  const part = {
    inputs: { input: shape },
    outputs: { reconstruction: shape },
    emit(parts, { input }, context) {
      const code = parts.head(encoded(parts, input, sizes, context), 'code', sizes.hidden, sizes.code);
      return { reconstruction: decoded(parts, code, sizes, context) };
    },
  };
  return {
    ...sizes.training,
    // some tables have few rows of a class, and no noise keeps a code from learning them by heart
    decay: 0.3,
    ...{ shape, samples, missing },
    /** Classes that may each have one of their own. */
    apart: classes,
    goal: reconstruction(space),
    whole: part,
    models: { '': part },
  };
}
