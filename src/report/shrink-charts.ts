/** The chart of a run that removes units. */
import { axisY, barY, gridY, ruleY } from '@observablehq/plot';
import type { Chart } from './chart.js';
import { percent, plural } from './format.js';
import type { GroupReport } from './shrink-report.js';
import { visible } from './visible.js';

const width = 920;

/** The share of units that is left in every group, in the order of the model's weights. */
export function groupChart(groups: readonly GroupReport[]): Chart {
  const rows = groups.map(({ name, node, kind, units, left }, index) => ({
    index,
    share: left / units,
    title: visible(`${kind} of ${name}${node === undefined ? '' : ` (${node})`}: ${left} of ${units}`),
  }));
  const shares = rows.map(({ share }) => share);
  return {
    caption: 'Units left in each group',
    description: `Bar chart of the share of units left in ${plural(groups.length, 'group')}, from ${percent(Math.min(...shares))} to ${percent(Math.max(...shares))}.`,
    options: {
      width,
      height: 220,
      marginLeft: 50,
      x: { axis: null, padding: 0.2 },
      y: { domain: [0, 1] },
      marks: [
        gridY({ stroke: 'var(--line)', strokeOpacity: 1 }),
        axisY({
          tickFormat: (value: number) => percent(value, 0),
          ticks: 5,
          tickSize: 0,
          label: null,
          fill: 'var(--soft)',
        }),
        barY(rows, { x: 'index', y: 'share', fill: 'var(--after)', title: 'title' }),
        ruleY([0], { stroke: 'var(--line)' }),
      ],
    },
  };
}
