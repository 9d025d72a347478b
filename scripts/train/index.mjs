/** The networks that can be trained here, by name. */
import { adult } from './adult.mjs';
import { breastCancer } from './breast-cancer.mjs';
import { germanCredit } from './german-credit.mjs';
import { giveMeSomeCredit } from './give-me-some-credit.mjs';
import { iris } from './iris.mjs';
import { mnist } from './mnist.mjs';
import { wine } from './wine.mjs';

export const networks = {
  iris,
  wine,
  'breast-cancer': breastCancer,
  'german-credit': germanCredit,
  adult,
  'give-me-some-credit': giveMeSomeCredit,
  mnist,
};
