/** The networks that can be trained here, by name. */
import { adult } from './adult.mjs';
import { autoencoder } from './autoencoder.mjs';
import { boston, bostonPrice } from './boston.mjs';
import { breastCancer } from './breast-cancer.mjs';
import { germanCredit } from './german-credit.mjs';
import { giveMeSomeCredit } from './give-me-some-credit.mjs';
import { iris } from './iris.mjs';
import { mnist, mnistCnn } from './mnist.mjs';
import { variational } from './variational.mjs';
import { wine, wineBinary } from './wine.mjs';

const classifiers = {
  iris,
  wine,
  'wine-binary': wineBinary,
  'breast-cancer': breastCancer,
  boston,
  'german-credit': germanCredit,
  adult,
  'give-me-some-credit': giveMeSomeCredit,
  mnist,
};

const coders = Object.entries(classifiers).flatMap(([name, network]) => [
  [`${name}-ae`, autoencoder(network)],
  [`${name}-vae`, variational(network)],
]);

export const networks = {
  ...classifiers,
  'boston-price': bostonPrice,
  'mnist-cnn': mnistCnn,
  ...Object.fromEntries(coders),
};
