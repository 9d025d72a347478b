/**
 * The gradient study: networks against PyTorch's float64 gradients, and the ONNX project's node tests by op. Writes
 * docs/gradients.md from what the tests of test/autodiff measure.
 *
 *     node scripts/study-gradients.mjs         needs the shared fixtures (SCALPEL_SHARED, default ../shared)
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

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

The node tests of the ONNX project with float inputs and outputs, against central differences along three random directions an
input: in float64 where the runtime has kernels (tolerance 1e-6), else in float32 (1e-2). A direction counts where both one-sided
differences agree. ${outcomes.filter(({ result }) => result === 'passes').length} of ${outcomes.length} tests pass; 'several' are
tests of functions written out in other ops.

${table(['op', 'tests', 'pass', 'worst in float64', 'worst in float32', 'not'], ops.map(opRow))}

Refused, or failing:

${list(refused)}

Left out:

${list(leftOut)}
`;
}

function opRow([op, outcomes]) {
  const passing = outcomes.filter(({ result }) => result === 'passes');
  const worst = (dtype) => {
    const errors = passing.filter((outcome) => outcome.dtype === dtype).map(({ error }) => error);
    return errors.length === 0 ? '' : exponential(Math.max(...errors));
  };
  const others = [...groupBy(outcomes, ({ result }) => result)].filter(([result]) => result !== 'passes');
  const rest = others.map(([result, { length }]) => `${length} ${result}`).join(', ');
  return [op, outcomes.length, passing.length, worst('float64'), worst('float32'), rest];
}

function exponential(value) {
  return value === 0 ? '0' : value.toExponential(1);
}

function list(groups) {
  const lines = [...groups].map(([reason, { length }]) => `- ${length} ${length === 1 ? 'test' : 'tests'}: ${reason}`);
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
