/** Wisconsin diagnostic breast cancer: 30 measures of cell nuclei, malignant (0) or benign (1). */
import { mlp } from './mlp.mjs';
import { afterHeader, tableAt } from './tables.mjs';

const measures = [
  ...['radius', 'texture', 'perimeter', 'area', 'smoothness'],
  ...['compactness', 'concavity', 'concave_points', 'symmetry', 'fractal_dimension'],
];

export const breastCancer = mlp({
  files: [tableAt('breast_cancer.csv')],
  features: 30,
  columns: () => ['mean', 'error', 'worst'].flatMap((kind) => measures.map((measure) => `${kind}_${measure}`)),
  classes: 2,
  hidden: [50, 50],
  samples: afterHeader,
});
