/**
 * The evidence lower bound (Kingma, Welling, Auto-encoding variational Bayes, arXiv 1312.6114). Reconstructions are the mean of a normal
 * distribution whose variance, one for all features, is at each step the one that makes a batch most likely: its mean squared error
 * (Rybkin, Daniilidis, Levine, Simple and effective VAE training with calibrated decoders, arXiv 2006.13202). So no weight is chosen
 * between the two terms.
 */
import { float32 } from '../../../dist/tensor/tensor.js';
import { errorFigures, squaredError } from './reconstruction.mjs';

export const evidence = (space, features, latent) => ({
  targets: (_, _from, count, noise) => new Map([['noise', float32([count, latent], noise(count * latent))]]),
  /** In nats a sample, up to a constant. */
  loss(g, values, context) {
    // a perfect reconstruction has a logarithm too
    const error = g.add(squaredError(g, values, space, context), g.scalar(1e-6));
    return g.add(g.mul(g.op('Log', [error]), g.scalar(features / 2)), divergence(g, values, latent));
  },
  /** `error` and `variance` as of an autoencoder, from the mean of the latents; `kl` in nats a sample. */
  figures(answers, test, context) {
    const { mean, log_variance: log } = answers;
    const kl = mean.reduce((sum, each, i) => sum + (each ** 2 + Math.exp(log[i]) - 1 - log[i]) / 2 / test.count, 0);
    return { ...errorFigures(answers, test, space, context), kl };
  },
});

/** Kullback-Leibler divergence of the latents from standard normal ones, mean over samples. */
function divergence(g, { mean, log_variance: log }, latent) {
  const terms = g.sub(g.add(g.mul(mean, mean), g.op('Exp', [log])), g.add(log, g.scalar(1)));
  return g.mul(g.op('ReduceMean', [terms], { keepdims: 0 }), g.scalar(latent / 2));
}
