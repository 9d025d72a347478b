/** Give Me Some Credit: serious delinquency within two years, by CARLA's 10 scaled columns; a fifth of its test part is held out. */
import { mlp } from './mlp.mjs';
import { afterHeader, namesIn, tableAt } from './tables.mjs';

const files = [tableAt('give_me_some_credit_test_encoded.csv')];

export const giveMeSomeCredit = mlp({
  files,
  features: 10,
  columns: () => namesIn(files[0]),
  classes: 2,
  hidden: [64, 32],
  samples: afterHeader,
  epochs: 15,
  batch: 128,
  rate: 0.003,
  coder: { batch: 128, epochs: 20 },
});
