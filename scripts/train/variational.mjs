/** Variational autoencoders: trained as one network, saved as an encoder to a distribution of latents and a decoder of latents. */
import { decoded, encoded, sizesOf } from './coder.mjs';
import { evidence } from './goals/evidence.mjs';

export function variational(network) {
  const { shape, space, samples, missing } = network;
  const sizes = sizesOf(network);
  const latent = [sizes.code];
  const encoder = {
    inputs: { input: shape },
    outputs: { mean: latent, log_variance: latent },
    emit(parts, { input }, context) {
      const hidden = encoded(parts, input, sizes, context);
      const head = (name) => parts.head(hidden, name, sizes.hidden, sizes.code);
      return { mean: head('mean'), log_variance: bounded(parts.g, head('log_variance')) };
    },
  };
  const decoder = {
    inputs: { latent },
    outputs: { reconstruction: shape },
    emit: (parts, values, context) => ({ reconstruction: decoded(parts, values.latent, sizes, context) }),
  };
  const whole = {
    inputs: { input: shape, noise: latent },
    outputs: { ...encoder.outputs, ...decoder.outputs },
    emit(parts, { input, noise }, context) {
      const { g } = parts;
      const found = encoder.emit(parts, { input }, context);
      const deviation = g.op('Exp', [g.mul(found.log_variance, g.scalar(0.5))]);
      const drawn = g.add(found.mean, g.mul(deviation, noise));
      return { ...found, ...decoder.emit(parts, { latent: drawn }, context) };
    },
  };
  return {
    ...sizes.training,
    ...{ shape, samples, missing },
    goal: evidence(space, sizes.features, sizes.code),
    whole,
    models: { '-encoder': encoder, '-decoder': decoder },
  };
}

/** Within (-10, 10): what no training row is like would else have a variance beyond all numbers. */
const bounded = (g, x) => g.mul(g.op('Tanh', [g.mul(x, g.scalar(0.1))]), g.scalar(10));
