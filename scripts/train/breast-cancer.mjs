/** Wisconsin diagnostic breast cancer: 30 measures of cell nuclei, malignant (0) or benign (1). */
import { mlp } from './mlp.mjs';
import { afterHeader, tableAt } from './tables.mjs';

export const breastCancer = mlp({
  files: [tableAt('breast_cancer.csv')],
  features: 30,
  classes: 2,
  hidden: [32, 16],
  samples: afterHeader,
});
