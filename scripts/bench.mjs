/**
 * Prints one JSON line a figure: name, value, unit, context. Ratios are measured in one run, in turn.
 *
 *     npm run bench                 all of them
 *     npm run bench -- linalg       those whose name starts so
 */
import { attackLoops } from './bench/attack-loops.mjs';
import { attacks } from './bench/attacks.mjs';
import { calibration } from './bench/calibration.mjs';
import { convGradients } from './bench/conv-gradients.mjs';
import { explain } from './bench/explain.mjs';
import { files } from './bench/files.mjs';
import { gradientMemory } from './bench/gradient-memory.mjs';
import { gradients } from './bench/gradients.mjs';
import { linalg } from './bench/linalg.mjs';
import { pruningCosts } from './bench/pruning-costs.mjs';
import { reconstruction } from './bench/reconstruction.mjs';
import { sparsegpt } from './bench/sparsegpt.mjs';
import { startUp } from './bench/start-up.mjs';
import { train } from './bench/train.mjs';
import { viewsOfSeries } from './bench/views.mjs';

const benchmarks = {
  'start-up': startUp,
  files,
  calibration,
  sparsegpt,
  reconstruction,
  'pruning-costs': pruningCosts,
  linalg,
  'conv-gradients': convGradients,
  gradients,
  'gradient-memory': gradientMemory,
  attacks,
  'attack-loops': attackLoops,
  explain,
  views: viewsOfSeries,
  train,
};
const wanted = process.argv.slice(2);

for (const [name, figures] of Object.entries(benchmarks)) {
  if (wanted.length > 0 && !wanted.some((prefix) => name.startsWith(prefix))) continue;
  for await (const figure of figures()) console.log(JSON.stringify({ ...figure, name: `${name}/${figure.name}` }));
}
