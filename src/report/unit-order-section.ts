/** The part of a page that tells in what order units were put before an n:m pattern was applied. */
import { count, percent, plural } from './format.js';
import { type Html, html } from './html.js';
import { code, dataTable, section } from './parts.js';
import type { PruneReport } from './prune-report.js';
import type { OrderedGroup } from './unit-order-report.js';

/** Nothing for runs without one. */
export function unitOrderSection({ order, settings }: PruneReport): Html | undefined {
  if (!order) return undefined;
  const { groups, kept, criterion, apart } = order;
  const fine = (share: number): string => percent(share, 2);
  return section(
    'Order of units',
    html`<p>Before ${settings.pattern} was applied, channels and neurons were put in an order in which it keeps more, and the weights that make them with
them: the model computes the same (outputs are apart by ${apart.toExponential(1)} of the largest). Of all scores by ${criterion}, the pattern would have kept
${fine(kept.before)}, and keeps ${fine(kept.after)}. Weights of one name are not of the same units as in the model before.</p>\n`,
    groups.length > 0 &&
      dataTable<OrderedGroup>(
        `${plural(groups.length, 'group')} of units in another order`,
        [
          {
            title: 'read by',
            cell: ({ layers: [first = '', ...others] }) => [
              code(first),
              others.length > 0 && ` and ${others.length} more`,
            ],
            kind: 'name',
          },
          { title: 'units', cell: ({ units }) => count(units), kind: 'number' },
          { title: 'scores kept before', cell: ({ kept: share }) => fine(share.before), kind: 'number' },
          { title: 'now', cell: ({ kept: share }) => fine(share.after), kind: 'number' },
        ],
        groups,
        { long: groups.length > 24 },
      ),
  );
}
