/** Wines of three cultivars by 13 chemical measures. */
import { mlp } from './mlp.mjs';
import { afterHeader, tableAt } from './tables.mjs';

export const wine = mlp({
  files: [tableAt('wine_data.csv')],
  features: 13,
  classes: 3,
  hidden: [16],
  samples: afterHeader,
});
