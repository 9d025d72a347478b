/**
 * The counterfactual study, as far as it goes: methods side by side on three tables and three draws, how S-CFE's weights trade, Adult and
 * Give Me Some Credit under their schemas, and series by segments. Writes the tables of docs/counterfactuals.md between its marks.
 *
 *     node scripts/study-counterfactuals.mjs [--page]      needs the shared models and data (SCALPEL_SHARED) and `npm run build`
 *
 * Finished cells stay in docs/figures and are not run again: remove their lines to start over; `--page` runs nothing. Networks are trained
 * into out/small-SEED where they are not there yet.
 */
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { figuresOf, seriesFigures } from './study/counterfactual-figures.mjs';
import { groundOfSeries, groundOfTable, groundUnderSchema } from './study/counterfactual-grounds.mjs';
import { writeCounterfactualPage } from './study/counterfactual-page.mjs';
import { studyRuns } from './study/runs.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const shared = resolve(process.env.SCALPEL_SHARED ?? join(root, '..', 'shared'));
const isPage = process.argv.includes('--page');

const seeds = [0, 1, 2];
const tables = ['breast-cancer', 'wine-binary', 'boston'];
const ways = [
  ['scfe', {}],
  ['scfe', { beta: 0.3 }],
  ['scfe', { beta: 0.3, theta: 0.03 }],
  ['scfe', { beta: 0.05 }],
  ['scfe', { theta: 0.02 }],
  ['scfe', { plausibility: 'gmm' }],
  ['scfe', { plausibility: 'gravity', theta: 1 }],
  ['scfe', { plausibility: 'none' }],
  ['scfe', { penalty: 'l1' }],
  ['wachter', {}],
  ['wachter', { form: 'alibi' }],
  ['growing-spheres', {}],
  ['face', {}],
];

const cells = [
  ...tables.flatMap((table) =>
    seeds.flatMap((seed) =>
      ways.map(([method, given]) => ({
        id: [table, seed, method, ...Object.entries(given).map((pair) => pair.join('='))].join(' '),
        ...{ method, given, figures: figuresOf },
        open: () => groundOfTable(root, table, seed),
      })),
    ),
  ),
  ...['adult', 'give-me-some-credit'].map((table) => ({
    id: `${table} schema`,
    ...{ method: 'scfe', given: {}, figures: figuresOf },
    open: () => groundUnderSchema(root, shared, table),
  })),
  ...[
    { penalty: 'l0', plausibility: 'none' },
    { penalty: 'segments', beta: 0.5, plausibility: 'none' },
  ].map((given) => ({
    id: `cbf ${given.penalty}`,
    ...{ method: 'scfe', given, figures: seriesFigures },
    open: () => groundOfSeries(shared, 'CBF', 10),
  })),
];

const tell = ({ validity, l0, lof, runs, seconds }) => `valid ${validity}, l0 ${l0}, LOF ${lof ?? runs}, ${seconds} s`;
const ledger = studyRuns(root, join(root, 'out'), join(root, 'docs/figures/counterfactual-results.jsonl'), tell);
for (const { id, method, given, figures, open } of isPage ? [] : cells) {
  await ledger.once(id, async () => {
    const ground = await open();
    try {
      return await figures(ground, method, given);
    } finally {
      await ground.release();
    }
  });
}
const known = await Promise.all(cells.filter(({ id }) => ledger.has(id)).map(({ id }) => ledger.once(id)));
writeCounterfactualPage(root, new Map(known.map((each) => [each.id, each])), { tables, seeds, ways });
