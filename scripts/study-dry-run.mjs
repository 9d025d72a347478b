/**
 * How good the estimates of `--dry-run` are: each command dry, then in earnest. Writes the table of docs/dry-run.md.
 *
 *     node scripts/study-dry-run.mjs [GPT2.onnx TOKENS.npy]     the shared models (SCALPEL_SHARED, default ../shared) and, where named,
 *                                                               a generated GPT-2 with its tokens
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const shared = resolve(process.env.SCALPEL_SHARED ?? join(root, '..', 'shared'));
const folder = mkdtempSync(join(tmpdir(), 'scalpel-study-'));
const output = join(folder, 'out.onnx');
const [gpt2, tokens] = process.argv.slice(2).map((path) => resolve(path));

const gpt = 'models/gpt-sotu/model.onnx';
const held = 'calibration/sotu-heldout.yaml';
const resnet = join(shared, 'models/resnet20-cifar10/resnet20-pm1.onnx');
const cifar = join(shared, 'data/cifar10/test-300.bin');
const sizes = ['--samples', '8', '--eval-samples', '8'];
const short = ['--epochs', '2'];
const fitted = join(folder, 'fitted.onnx');
const again = ['--dense', gpt, '--calibration', 'calibration/sotu.yaml', '-o', fitted, '--force', '--provider', 'cpu'];
const commands = [
  ['bundled GPT, prune by SparseGPT', ['prune', gpt, ...pruning('sparsegpt', '0.5'), '--eval-data', held]],
  ['bundled GPT, eval', ['eval', gpt, '--data', held]],
  ['bundled GPT, gradcheck', ['gradcheck', gpt, '--loss', 'cross-entropy', '--wrt', 'weights', '--provider', 'cpu']],
  ['bundled GPT, Wanda 0.7 and halves', ['prune', gpt, ...pruning('wanda', '0.7'), '--reconstruct', 'half', ...short]],
  ['bundled GPT, Wanda 0.7 and retrained', ['prune', gpt, ...pruning('wanda', '0.7'), '--retrain', ...short]],
  [
    'bundled GPT, matrices by least squares',
    ['prune', gpt, ...pruning('magnitude', '0.7'), '--reconstruct', 'matrix', '--solver', 'least-squares'],
  ],
  ['bundled GPT pruned, reconstruct by blocks', ['reconstruct', output, ...again, '--regions', 'block', ...short]],
  ['ResNet-20, eval of 300 pictures', ['eval', resnet, '--data', cifar, '--preset', 'minus-one-one']],
  ...(gpt2
    ? [
        [
          'GPT-2 (124 M), prune by Wanda 2:4',
          ['prune', gpt2, ...pruning('wanda', '2:4', tokens), ...sizes, '--eval-data', tokens],
        ],
      ]
    : []),
];

function pruning(method, pattern, calibration = 'calibration/sotu.yaml') {
  const ending = ['-o', output, '--force', '--provider', 'cpu'];
  return ['--method', method, '--pattern', pattern, '--calibration', calibration, ...ending];
}

function scalpel(args) {
  const done = spawnSync(process.execPath, ['bin/scalpel.js', ...args, '--json', '--quiet'], {
    ...{ cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 },
  });
  if (done.status !== 0 && done.status !== 4) throw new Error(`${args.join(' ')}: ${done.stderr}`);
  return JSON.parse(done.stdout);
}

const rows = commands.map(([name, args]) => {
  const { estimate, timing: dry } = scalpel([...args, '--dry-run']);
  const { timing } = scalpel(args);
  const [seconds, memory] = [timing.totalSeconds, timing.peakMemoryBytes];
  const figures = [estimate.seconds, seconds, estimate.seconds / seconds].map((each) => each.toPrecision(2));
  const megabytes = [estimate.memoryBytes, memory ?? Number.NaN].map((each) => (each / 1e6).toFixed(0));
  const row = [name, dry.totalSeconds.toPrecision(2), ...figures, ...(memory ? megabytes : [megabytes[0], '-'])];
  console.error(row.join(' | '));
  return `| ${row.join(' | ')} |`;
});
rmSync(folder, { recursive: true, force: true });

const page = join(root, 'docs', 'dry-run.md');
const [begin, end] = ['<!-- table -->\n', '<!-- end of table -->'];
const table = `| command | dry run, s | estimate, s | run, s | ratio | estimate, MB | peak, MB |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
${rows.join('\n')}
`;
const text = readFileSync(page, 'utf8');
writeFileSync(page, `${text.slice(0, text.indexOf(begin))}${begin}${table}${text.slice(text.indexOf(end))}`);
