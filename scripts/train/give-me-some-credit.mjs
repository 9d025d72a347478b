/** Give Me Some Credit: serious delinquency within two years, by CARLA's 10 scaled columns; a fifth of its test part is held out. */
import { mlp } from './mlp.mjs';
import { afterHeader, tableAt } from './tables.mjs';

export const giveMeSomeCredit = mlp({
  files: [tableAt('give_me_some_credit_test_encoded.csv')],
  features: 10,
  classes: 2,
  hidden: [64, 32],
  samples: afterHeader,
  epochs: 15,
  batch: 128,
  rate: 0.003,
});
