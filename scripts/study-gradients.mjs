/**
 * The gradient study: networks against PyTorch's float64 gradients, and the ONNX project's node tests by op. Writes
 * docs/gradients.md from what the tests of test/autodiff measure.
 *
 *     node scripts/study-gradients.mjs    needs `npm run build` and the shared fixtures (SCALPEL_SHARED, default ../shared)
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { equivalents } from '../dist/autodiff/in-double.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'out', 'study-gradients');

// a test that fails still reports, and the table shows it
const tests = ['test/autodiff/fixtures.test.ts', 'test/autodiff/onnx-node.test.ts'];
spawnSync('npx', ['vitest', 'run', ...tests], {
  cwd: root,
  stdio: ['ignore', 'ignore', 'inherit'],
  env: { ...process.env, SCALPEL_STUDY: folder },
});
const read = (name) => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
writeFileSync(join(root, 'docs', 'gradients.md'), page(read('networks'), read('node-tests')));

function page(networks, outcomes) {
  const ops = [...groupBy(outcomes, ({ op }) => op)].sort(([a], [b]) => (a < b ? -1 : 1));
  const refused = groupBy(
    outcomes.filter(({ result }) => result === 'refused' || result === 'fails'),
    ({ reason }) => reason.replace(/'[^']*'/g, "'…'"),
  );
  const leftOut = groupBy(
    outcomes.filter(({ result }) => result === 'left out'),
    ({ reason }) => reason,
  );
  const passing = outcomes.filter(({ result }) => result === 'passes');
  const inDouble = passing.filter(({ dtype }) => dtype === 'float64');
  const single = passing.filter(({ dtype }) => dtype === 'float32').map(({ op }) => op);
  const inSingle = single.length > 0 ? `but for ${single.join(', ')}` : 'without exception';
  const [counted, taken] = [sum(passing, (each) => each.counted), sum(passing, (each) => each.taken)];
  const writtenOut = Object.keys(equivalents).sort();
  return `# Gradients

Made by \`node scripts/study-gradients.mjs\` from what the tests measure.

## Networks

Gradients of the mean cross-entropy with respect to the input and every weight, in float32, against float64 gradients of PyTorch.
The error is the largest difference, relative to the largest gradient entry of the network; the seconds are for preparing, differentiating,
compiling and running once.

${table(
  ['network', 'gradients', 'worst error', 'nodes of the model', 'with gradients', 'seconds'],
  networks
    .sort((a, b) => (a.network < b.network ? -1 : 1))
    .map(({ network, gradients, worst, nodes, seconds }) => [
      network,
      gradients,
      exponential(worst),
      ...nodes,
      seconds.toFixed(2),
    ]),
)}

## Ops

The node tests of the ONNX project with float inputs and outputs. Each is differentiated once, at one seeded point beside its data
(every number moved by up to 0.05, or by 5 % of itself), off ties and kinks; the first such point at which the outputs are finite.

- **Differences.** The gradient of the sum of all outputs, each times cos(1.7 k), is compared with central differences: for every
  input along two random directions, along the gradient with its entries drawn out by random factors, and at its largest and a random
  entry. The step is chosen by the differences alone: shrinking tenfold from 1e-4 until two in a row, extrapolated, stand still.
  A difference counts where the one-sided ones agree and its own error is below half the tolerance; at least half of those of
  every input have to count, or the test fails. All are taken in float64 (${inSingle}). Ops for which the runtime has no float64 kernel
  (${writtenOut.length} of them: ${writtenOut.join(', ')}) are written out in ops that have one, in the model and in its gradient; that the
  outputs agree with the runtime's own in float32 is part of the test.
- **Tolerance.** 1e-6, of |gradient - difference| relative to the larger of both (for a random direction: to the norm of the gradient
  times it). Nothing is taken off: the errors below are as they were measured.
- **Float32.** The gradient as a user runs it, in float32 with all optimisations, against the one in float64, relative to the
  largest gradient entry of the test; tolerance 1e-3.
- **Rules that are no derivatives.** Ceil, Floor, Round, Sign, Hardmax and their like have the gradient zero, which is what differences
  off the steps give. QuantizeLinear and DynamicQuantizeLinear pass gradients straight through; they have no float output, and
  stand in test/ops/gradients/quantization.test.ts against that stated rule.

${passing.length} of ${outcomes.length} tests pass, ${inDouble.length} of them in float64; 'several' are tests of functions written out in other ops.

${table(['op', 'tests', 'pass', 'worst error', 'float32 from float64', 'differences', 'left out'], ops.map(opRow))}

Left out of the differences that were taken: ${taken - counted} of ${taken}.

Refused, or failing:

${list(refused)}

Tests left out:

${list(leftOut)}
`;
}

function opRow([op, outcomes]) {
  const passing = outcomes.filter(({ result }) => result === 'passes');
  const worst = (of) => (passing.length === 0 ? '' : exponential(Math.max(...passing.map(of))));
  const others = [...groupBy(outcomes, ({ result }) => result)].filter(([result]) => result !== 'passes');
  const rest = others.map(([result, { length }]) => `${length} ${result}`).join(', ');
  const counted = sum(passing, (outcome) => outcome.counted);
  return [
    op,
    outcomes.length,
    passing.length,
    worst(({ error }) => error),
    worst(({ single }) => single),
    counted,
    rest,
  ];
}

function sum(items, of) {
  return items.reduce((total, item) => total + of(item), 0);
}

function exponential(value) {
  return value === 0 ? '0' : value.toExponential(1);
}

function list(groups) {
  const lines = [...groups].map(([reason, tests]) => {
    const names = tests.map(({ name }) => name.replace(/^test_/, '')).join(', ');
    return `- ${tests.length} ${tests.length === 1 ? 'test' : 'tests'}: ${reason} (${names})`;
  });
  return lines.join('\n') || 'none';
}

function table(titles, rows) {
  const rule = titles.map((_, i) => (i === 0 ? '---' : '---:'));
  return [titles, rule, ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
