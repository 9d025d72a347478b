/** The charts of a run that removes units or blocks. */
import { axisY, barY, gridY, ruleY } from '@observablehq/plot';
import type { Chart } from './chart.js';
import { compact, figure, percent, plural } from './format.js';
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

/** The score of every block in the order of the model, those that went in another colour. */
export function blockChart(blocks: readonly GroupReport[]): Chart {
  const rows = blocks.map(({ name, left, score = 0 }, index) => ({
    index,
    score,
    fill: left ? 'var(--after)' : 'var(--before)',
    title: visible(`${name}: ${figure(score)}, ${left ? 'stays' : 'went'}`),
  }));
  const went = rows.filter((_, i) => !blocks[i]!.left).length;
  return {
    caption: `Scores in the order of the model; the ${went} that went in grey`,
    description: `Bar chart of the scores of ${rows.length} ${blocks[0]!.kind}, of which ${went} went.`,
    options: {
      width,
      height: 220,
      marginLeft: 60,
      x: { axis: null, padding: 0.2 },
      marks: [
        gridY({ stroke: 'var(--line)', strokeOpacity: 1 }),
        axisY({
          tickFormat: (value: number) => compact(value),
          ticks: 5,
          tickSize: 0,
          label: null,
          fill: 'var(--soft)',
        }),
        barY(rows, { x: 'index', y: 'score', fill: 'fill', title: 'title' }),
        ruleY([0], { stroke: 'var(--line)' }),
      ],
    },
  };
}
