/**
 * The study of forms: the bundled GPT as it is, and a pruned one that every target fits, in all forms beside each other. Writes docs/forms.md.
 *
 *     node scripts/study-forms.mjs [--page]      needs `npm run build`
 *
 * Finished runs stay in docs/figures and are not made again: remove their lines to start over; `--page` runs nothing.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formsPage } from './study/forms-page.mjs';
import { scalpel, studyRuns } from './study/runs.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'out', 'forms');
const gpt = 'models/gpt-sotu/model.onnx';
const text = ['--calibration', 'calibration/sotu.yaml'];
const heldOut = 'calibration/sotu-heldout.yaml';
const engine = ['--provider', 'cpu', '--json', '--quiet', '--force'];
const place = (name) => join('out/forms', name);

/** What each model is made by, and the forms that it is tried in. */
const models = [
  { name: 'as exported', path: gpt, makes: [], forms: 'auto' },
  {
    name: 'pruned: a quarter of the neurons without readers, then one weight of four left, fitted again',
    path: place('quarter.onnx'),
    makes: [
      [
        'prune',
        gpt,
        '--method',
        'magnitude',
        '--pattern',
        '192x1:0.25',
        '--include',
        '*c_proj2*',
        '-o',
        place('dead.onnx'),
      ],
      [
        ...['prune', place('dead.onnx'), '--method', 'wanda', '--pattern', '1:4', '--include', '*MatMul*'],
        ...['--reconstruct', 'half', ...text, '-o', place('quarter.onnx')],
      ],
    ],
    forms: 'auto',
  },
  {
    name: 'the same with sparse initializers',
    path: place('sparse.onnx'),
    makes: [['convert', place('quarter.onnx'), '--to', 'sparse-initializer', '-o', place('sparse.onnx')]],
    forms: 'dense',
  },
];

const ledger = join(root, 'docs/figures/forms.jsonl');
const runs = studyRuns(root, folder, ledger, ({ rows }) => `${rows.length} forms`);
const isPage = process.argv.includes('--page');
const found = [];
for (const { name, path, makes, forms } of models) {
  if (isPage && !runs.has(name)) continue;
  const figures = await runs.once(name, async () => {
    for (const make of makes) await scalpel(root, [...make, ...engine]);
    const asked = ['convert', path, '--to', forms === 'dense' ? 'dense,external' : forms];
    const data = ['--data', heldOut, '--samples', '100'];
    const looks = forms === 'dense' ? [] : [...text, '--calibration-samples', '64', '--tokens-from', heldOut];
    const report = await scalpel(root, [...asked, ...data, ...looks, '--set', 'seconds=6', ...engine]);
    return tableOf(report, ['scalpel', ...asked, ...data, ...looks, '--set', 'seconds=6']);
  });
  found.push({ name, makes, ...figures });
}
writeFileSync(join(root, 'docs/forms.md'), formsPage(found));

/** As the command prints it. */
async function tableOf(report, command) {
  const { formColumns, formRows } = await import('../dist/report/forms-figures.js');
  const { sumsSaturate } = await import('../dist/runtime/saturating-sums.js');
  const { sizes, times } = formColumns(report);
  const columns = [...sizes.filter(({ title }) => title !== 'within'), ...times];
  return {
    command,
    titles: ['form', ...columns.map(({ title }) => title)],
    rows: formRows(report).map((row) => [row.name, ...columns.map(({ text: of }) => of(row))]),
    left: report.left,
    rounds: report.original.latency.rounds,
    loads: report.original.load.loads,
    saturates: await sumsSaturate({ threads: 1 }),
  };
}
