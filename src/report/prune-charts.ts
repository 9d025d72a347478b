/** The charts of a prune report. */
import { axisX, axisY, barX, barY, gridX, gridY, ruleX, ruleY, text, tickY } from '@observablehq/plot';
import type { Chart } from './chart.js';
import { percent, plural } from './format.js';
import type { LayerReport, PruneReport } from './prune-report.js';
import { visible } from './visible.js';

/** One measured quantity before and after. */
export interface Comparison {
  readonly name: string;
  readonly before: number;
  readonly after: number;
}

const width = 920;
/** Bars longer than this many times the value before are cut; their label still tells. */
const longest = 3;

/** Each quantity after the run relative to before. */
export function comparisonChart(comparisons: readonly Comparison[]): Chart {
  const rows = comparisons
    .filter(({ before, after }) => before > 0 && Number.isFinite(after))
    .map(({ name, before, after }) => ({ name, ratio: after / before }));
  const end = Math.max(1.15, ...rows.map(({ ratio }) => Math.min(ratio, longest) * 1.1));
  return {
    caption: 'After, relative to before',
    description: `Bar chart of each quantity after pruning relative to before: ${rows
      .map(({ name, ratio }) => `${name} ${percent(ratio)}`)
      .join(', ')}.`,
    options: {
      width,
      height: 40 + 34 * rows.length,
      marginLeft: 130,
      marginRight: 70,
      x: { domain: [0, end] },
      y: { domain: rows.map(({ name }) => name), padding: 0.35 },
      marks: [
        gridX({ stroke: 'var(--line)', strokeOpacity: 1 }),
        axisX({
          tickFormat: (value: number) => percent(value, 0),
          ticks: 6,
          tickSize: 0,
          label: null,
          fill: 'var(--soft)',
        }),
        axisY({ tickSize: 0, label: null, fontSize: 13 }),
        barX(rows, { x: ({ ratio }: { ratio: number }) => Math.min(ratio, end), y: 'name', fill: 'var(--after)' }),
        ruleX([1], { stroke: 'var(--before)', strokeWidth: 2 }),
        text(rows, {
          x: ({ ratio }: { ratio: number }) => Math.min(ratio, end),
          y: 'name',
          text: ({ ratio }: { ratio: number }) => percent(ratio),
          textAnchor: 'start',
          dx: 6,
          fill: 'currentColor',
          // the rule passes behind the figures
          stroke: 'var(--page)',
          strokeWidth: 5,
        }),
      ],
    },
  };
}

/** The fraction removed in every layer, with what was asked for as a tick. */
export function sparsityChart(layers: readonly LayerReport[]): Chart {
  const got = layers.map(({ sparsity }) => sparsity.after);
  return {
    caption: 'Sparsity of each layer',
    description: `Bar chart of the fraction of zeros in ${plural(layers.length, 'layer')} in order of execution, from ${percent(Math.min(...got))} to ${percent(Math.max(...got))}.`,
    options: layerOptions(layers, [
      barY(rowsOf(layers), { x: 'index', y: 'got', fill: 'var(--after)', title: 'title' }),
      tickY(rowsOf(layers), { x: 'index', y: 'asked', stroke: 'currentColor', strokeWidth: 1.5 }),
    ]),
  };
}

/** How far each layer's output, or its weights where outputs were not measured, moved. */
export function errorChart(layers: readonly LayerReport[]): Chart | undefined {
  const ofOutputs = layers.some(({ outputError }) => outputError !== undefined);
  const rows = rowsOf(layers).flatMap(({ index, title, layer }) => {
    const error = ofOutputs ? layer.outputError : layer.weightError;
    return error === undefined || !Number.isFinite(error)
      ? []
      : [{ index, error, title: `${title}, error ${percent(error)}` }];
  });
  const worst = rows.reduce(
    (most, row) => (row.error > most.error ? row : most),
    rows[0] ?? { index: 0, error: 0, title: '' },
  );
  if (worst.error === 0) return undefined;
  return {
    caption: ofOutputs ? 'Relative error of each layer’s output' : 'Share of the weight norm removed from each layer',
    description: `Bar chart of the error of ${plural(rows.length, 'layer')} in order of execution; the largest is ${worst.title}.`,
    options: layerOptions(
      layers,
      [barY(rows, { x: 'index', y: 'error', fill: 'var(--error)', title: 'title' })],
      Math.min(1, worst.error * 1.05) === 1 ? undefined : worst.error * 1.05,
    ),
  };
}

/** The before and after of every measured quantity of a prune run. */
export function comparisons({ quality, model, weights, timing }: PruneReport): Comparison[] {
  const gzip = { before: model.before.gzipBytes, after: model.after.gzipBytes };
  return [
    ...(quality ? [{ name: visible(quality.metric), before: quality.before, after: quality.after }] : []),
    { name: 'non-zero weights', before: weights.before.nonZero, after: weights.after.nonZero },
    { name: 'file size', before: model.before.bytes, after: model.after.bytes },
    ...(gzip.before && gzip.after ? [{ name: 'gzip -6 size', before: gzip.before, after: gzip.after }] : []),
    ...(timing.latency
      ? [{ name: 'median latency', before: timing.latency.beforeMs, after: timing.latency.afterMs }]
      : []),
  ];
}

interface LayerRow {
  readonly index: number;
  readonly asked: number;
  readonly got: number;
  readonly title: string;
  readonly layer: LayerReport;
}

const rowsOf = (layers: readonly LayerReport[]): LayerRow[] =>
  layers.map((layer, index) => ({
    index,
    asked: layer.sparsity.asked,
    got: layer.sparsity.after,
    title: `${visible(layer.name)}: ${percent(layer.sparsity.after)} zeros`,
    layer,
  }));

function layerOptions(layers: readonly LayerReport[], marks: Chart['options']['marks'], end = 1): Chart['options'] {
  const labels = regionLabels(layers);
  return {
    width,
    height: 210,
    marginLeft: 48,
    marginBottom: 34,
    x: { domain: layers.map((_, index) => index), type: 'band', padding: layers.length > 150 ? 0 : 0.2 },
    y: { domain: [0, end] },
    marks: [
      gridY({ stroke: 'var(--line)', strokeOpacity: 1, ticks: 5 }),
      axisY({
        ticks: 5,
        tickSize: 0,
        label: null,
        tickFormat: (v: number) => percent(v, end < 0.1 ? 1 : 0),
        fill: 'var(--soft)',
      }),
      axisX([...labels.keys()], {
        tickFormat: (index: number) => labels.get(index) ?? '',
        tickSize: 4,
        label: null,
        textAnchor: 'start',
        dx: -4,
        stroke: 'var(--soft)',
        fill: 'var(--soft)',
      }),
      ...(marks ?? []),
      ruleY([0], { stroke: 'var(--soft)' }),
    ],
  };
}

/** The regions by the index of their first layer, thinned to what fits; numbers where layers have no region. */
function regionLabels(layers: readonly LayerReport[]): Map<number, string> {
  const starts = layers.flatMap(({ region }, index) =>
    region !== undefined && region !== layers[index - 1]?.region ? [[index, visible(region)] as const] : [],
  );
  const labels = starts.length > 0 ? starts : layers.map((_, index) => [index, String(index + 1)] as const);
  const layerWidth = (width - 60) / layers.length;
  let end = Number.NEGATIVE_INFINITY;
  return new Map(
    labels.filter(([index, label]) => {
      const fits = index * layerWidth >= end;
      if (fits) end = index * layerWidth + 7 * label.length + 10;
      return fits;
    }),
  );
}
