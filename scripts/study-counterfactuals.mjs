/**
 * The counterfactual study: methods side by side on three tables and on digits, three draws each, how S-CFE's weights trade, Adult and
 * Give Me Some Credit under their schemas, and series by segments. Writes docs/counterfactual-results.md between its marks.
 *
 *     node scripts/study-counterfactuals.mjs [--page] [--only=PREFIX]      needs the shared models and data (SCALPEL_SHARED) and `npm run build`
 *
 * Finished cells stay in docs/figures and are not run again: remove their lines to start over; `--page` runs nothing. Networks are trained
 * into out/small-SEED where they are not there yet.
 */
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { figuresOf, firstOf, seriesFigures } from './study/counterfactual-figures.mjs';
import { groundOfDigits, groundOfSeries, groundOfTable, groundUnderSchema } from './study/counterfactual-grounds.mjs';
import { writeCounterfactualPage } from './study/counterfactual-page.mjs';
import { studyRuns } from './study/runs.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const shared = resolve(process.env.SCALPEL_SHARED ?? join(root, '..', 'shared'));
const isPage = process.argv.includes('--page');

const seeds = [0, 1, 2];
const only = process.argv.find((word) => word.startsWith('--only='))?.slice('--only='.length);
const tables = ['breast-cancer', 'wine-binary', 'boston'];
const ways = [
  ['scfe', {}],
  ['scfe', { beta: 0.3 }],
  ['scfe', { beta: 1 }],
  ['scfe', { theta: 0.03 }],
  ['scfe', { plausibility: 'gmm' }],
  ['scfe', { plausibility: 'gravity', theta: 1 }],
  ['scfe', { plausibility: 'none' }],
  ['scfe', { penalty: 'l1/2' }],
  ['scfe', { penalty: 'l1' }],
  ['wachter', {}],
  ['wachter', { form: 'alibi' }],
  ['dice', {}],
  ['cem', {}],
  ['cem', { base: 'none' }],
  ['cfproto', {}],
  ['growing-spheres', {}],
  ['face', {}],
  ['convex-density', {}],
  ['revise', {}],
  ['c-chvae', {}],
];
/** Of digits; slow ones on so many of the first draw, and half of them of the others; the slowest of the first alone. */
const digitWays = [
  ['scfe', {}],
  ['scfe', { plausibility: 'gravity', theta: 1 }],
  ['scfe', { plausibility: 'none' }],
  ['wachter', {}],
  ['cem', {}],
  ['cem', { base: 'none' }],
  ['face', {}],
  ['revise', {}],
  ['wachter', { form: 'alibi' }, 20],
  ['c-chvae', {}, 20],
  ['convex-density', {}, 20],
  ['cfproto', {}, 20],
  ['growing-spheres', {}, 20, 'first'],
  ['dice', { steps: 1000 }, 20, 'first'],
];
/** Of CARLA's linear networks under their schemas. */
const linearWays = [
  ['scfe', {}],
  ['actionable-recourse', {}],
  ['actionable-recourse', { cost: 'total' }],
  ['growing-spheres', {}],
];

const nameOf = (table, seed, method, given) =>
  [table, seed, method, ...Object.entries(given).map((pair) => pair.join('='))].join(' ');

const cells = [
  ...tables.flatMap((table) =>
    seeds.flatMap((seed) =>
      ways.map(([method, given]) => ({
        id: nameOf(table, seed, method, given),
        ...{ method, given, figures: figuresOf, ground: `${table} ${seed}` },
        open: () => groundOfTable(root, table, seed),
      })),
    ),
  ),
  ...seeds.flatMap((seed) =>
    digitWays
      .filter(([, , , draws]) => draws !== 'first' || seed === seeds[0])
      .map(([method, given, most]) => ({
        id: nameOf('mnist', seed, method, given),
        ...{ method, given, most: most && (seed === seeds[0] ? most : most / 2) },
        ...{ figures: figuresOf, ground: `mnist ${seed}` },
        open: () => groundOfDigits(root, seed),
      })),
  ),
  ...['adult', 'give-me-some-credit'].flatMap((table) => [
    {
      id: `${table} schema`,
      ...{ method: 'scfe', given: {}, figures: figuresOf, ground: table },
      open: () => groundUnderSchema(root, shared, table),
    },
    ...linearWays.map(([method, given]) => ({
      id: nameOf(table, 'linear', method, given),
      ...{ method, given, figures: figuresOf, ground: `${table} linear` },
      open: () => groundUnderSchema(root, shared, table, 'linear'),
    })),
  ]),
  ...[
    { penalty: 'l0', plausibility: 'none' },
    { penalty: 'segments', plausibility: 'none' },
    { penalty: 'segments' },
  ].map((given) => ({
    id: `cbf ${Object.values(given).join(' ')}`,
    ...{ method: 'scfe', given, figures: seriesFigures, ground: 'cbf' },
    open: () => groundOfSeries(shared, 'CBF', 20),
  })),
];

const tell = ({ validity, l0, lof, runs, seconds }) => `valid ${validity}, l0 ${l0}, LOF ${lof ?? runs}, ${seconds} s`;
const ledger = studyRuns(root, join(root, 'out'), join(root, 'docs/figures/counterfactual-results.jsonl'), tell);
let opened;
for (const { id, method, given, most, figures, ground, open } of isPage ? [] : cells) {
  if (only && !id.startsWith(only)) continue;
  await ledger.once(id, async () => {
    if (opened?.name !== ground) {
      await opened?.ground.release();
      opened = { name: ground, ground: await open() };
    }
    return figures(most ? firstOf(opened.ground, most) : opened.ground, method, given);
  });
}
await opened?.ground.release();
const known = await Promise.all(cells.filter(({ id }) => ledger.has(id)).map(({ id }) => ledger.once(id)));
writeCounterfactualPage(root, new Map(known.map((each) => [each.id, each])), {
  tables,
  seeds,
  ways,
  digitWays,
  linearWays,
  nameOf,
});
