/** Fisher's irises: 4 measures in centimetres, 3 species; the files are the project's own. */
import { fileURLToPath } from 'node:url';
import { mlp } from './mlp.mjs';
import { namesIn, trainAndTest } from './tables.mjs';

const bundled = (name) => fileURLToPath(new URL(`../../calibration/${name}`, import.meta.url));

const files = [bundled('iris.csv'), bundled('iris-heldout.csv')];

export const iris = mlp({
  files,
  features: 4,
  columns: () => namesIn(files[0]),
  classes: 3,
  hidden: [32, 32],
  samples: trainAndTest,
  epochs: 100,
  batch: 8,
});
