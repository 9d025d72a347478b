/** Adult: whether a person of the 1994 census earned more than 50,000 dollars, by CARLA's 20 encoded columns. */
import { mlp } from './mlp.mjs';
import { namesIn, tableAt, trainAndTest } from './tables.mjs';

const files = [tableAt('adult_train_encoded.csv'), tableAt('adult_test_encoded.csv')];

export const adult = mlp({
  files,
  features: 20,
  columns: () => namesIn(files[0]),
  classes: 2,
  hidden: [64, 32],
  samples: trainAndTest,
  isRaw: false,
  epochs: 15,
  batch: 128,
  rate: 0.003,
  coder: { batch: 128, epochs: 20 },
});
