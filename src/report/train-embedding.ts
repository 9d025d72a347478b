/** The series as the model sees them: the features before its last layer, along the plane of their widest spread. */
import { dot, frame, text } from '@observablehq/plot';
import type { PrincipalPlane } from '../linalg/principal-plane.js';
import { movedApart } from './apart.js';
import { airy, below } from './axes.js';
import { type Chart, figureOf } from './chart.js';
import { count, percent, plural } from './format.js';
import { type Html, html } from './html.js';
import { hueCount, hueOf } from './hues.js';
import { type LegendRow, legend } from './legend.js';
import type { ChosenCell } from './train-report.js';
import { visible } from './visible.js';

type Embedding = NonNullable<ChosenCell['embedding']>;

/** Classes of one colour differ in shape. */
const symbols = ['circle', 'triangle', 'square', 'diamond', 'star'] as const;
const paths: Readonly<Record<(typeof symbols)[number], string>> = {
  circle: 'M5 1A4 4 0 1 1 4.99 1Z',
  triangle: 'M5 .8L9.4 8.6H.6Z',
  square: 'M1.2 1.2H8.8V8.8H1.2Z',
  diamond: 'M5 .4L9 5L5 9.6L1 5Z',
  star: 'M5 .3L6.2 3.6L9.7 3.7L6.9 5.8L7.9 9.2L5 7.2L2.1 9.2L3.1 5.8L.3 3.7L3.8 3.6Z',
};
const cross = 'M2.2 1L5 3.8L7.8 1L9 2.2L6.2 5L9 7.8L7.8 9L5 6.2L2.2 9L1 7.8L3.8 5L1 2.2Z';

/** The plane as it stands in the document: to five digits, which is more than a chart shows. */
export function embeddingOf(
  { points, explained }: PrincipalPlane,
  labels: ArrayLike<number>,
  predicted: ArrayLike<number>,
  isLabelled?: ArrayLike<boolean>,
): Embedding {
  const brief = (value: number): number => Number(value.toPrecision(5));
  return {
    explained,
    points: Array.from(labels, (label, i) => {
      const place = [brief(points[2 * i]!), brief(points[2 * i + 1]!), label, predicted[i]!] as const;
      return isLabelled ? ([...place, isLabelled[i]!] as const) : place;
    }),
  };
}

export function embeddingChart({ embedding, perClass, on }: ChosenCell): Html | false {
  if (!embedding || embedding.points.length === 0) return false;
  const names = perClass.map(({ name }) => visible(name));
  const rows = [...new Set(embedding.points.map(([, , label]) => label))]
    .sort((a, b) => a - b)
    .map(
      (label): LegendRow => ({
        name: names[label] ?? String(label),
        colour: hueOf(label),
        mark: paths[symbolOf(label)],
      }),
    );
  const wrong = embedding.points.some(([, , label, predicted]) => label !== predicted);
  const told = embedding.points.some(([, , , , isLabelled]) => isLabelled);
  const soft = 'var(--soft)';
  const marks: LegendRow[] = [
    ...(wrong ? [{ name: 'taken for another class', colour: soft, mark: cross }] : []),
    ...(told ? [{ name: 'its label was told', colour: soft, mark: paths.circle, isOpen: true }] : []),
  ];
  return html`${figureOf(chartOf(embedding, names, on))}${legend(rows)}${legend(marks)}`;
}

const symbolOf = (label: number): (typeof symbols)[number] => symbols[Math.floor(label / hueCount) % symbols.length]!;

function chartOf({ points, explained }: Embedding, names: readonly string[], on: string): Chart {
  const rows = points.map(([x, y, label, predicted, isLabelled]) => ({
    ...{ x, y, label, isRight: label === predicted, isLabelled: isLabelled === true },
    title: `${names[label] ?? label}${label === predicted ? '' : `, taken for ${names[predicted] ?? predicted}`}`,
  }));
  const wrong = rows.filter(({ isRight }) => !isRight);
  const x = airy(
    rows.map((row) => row.x),
    1e-6,
  );
  const y = airy(
    rows.map((row) => row.y),
    1e-6,
  );
  const height = heightFor(x, y);
  const centres = centresOf(rows, names, { x, y, height });
  const [along, up] = explained.map((share) => percent(share, 0));
  return {
    caption: `${count(rows.length)} ${on} series by the features before the last layer, on the plane of their widest spread`,
    description: `Scatter chart of ${plural(rows.length, 'point')} of ${centres.length} classes; ${count(wrong.length)} are taken for another class. The plane holds ${percent(explained[0] + explained[1], 0)} of the variance.`,
    options: {
      ...{ width, height, margin, marginBottom },
      x: { domain: x, axis: null },
      y: { domain: y, axis: null },
      marks: [
        frame({ stroke: 'var(--line)', strokeOpacity: 1, rx: 4 }),
        below({ ticks: [], label: `first component: ${along} of the variance; upwards the second: ${up}` }),
        dot(
          rows.filter(({ isRight }) => isRight),
          {
            ...{ x: 'x', y: 'y', r: 3.2, title: 'title', fillOpacity: 0.62 },
            fill: ({ label }: { label: number }) => hueOf(label),
            symbol: ({ label }: { label: number }) => symbolOf(label),
          },
        ),
        dot(wrong, {
          ...{ x: 'x', y: 'y', r: 3.6, title: 'title', symbol: 'times', strokeWidth: 1.8 },
          stroke: ({ label }: { label: number }) => hueOf(label),
        }),
        dot(
          rows.filter(({ isLabelled }) => isLabelled),
          { x: 'x', y: 'y', r: 6, stroke: 'currentColor', strokeWidth: 1.4 },
        ),
        text(centres.length > mostNamed ? [] : centres, {
          ...{ x: 'x', y: 'y', text: 'name', fontWeight: 650, fontSize: 12 },
          ...{ fill: 'currentColor', stroke: 'var(--page)', strokeWidth: 4, strokeOpacity: 0.85 },
        }),
      ],
    },
  };
}

const width = 920;
const margin = 12;
const marginBottom = 34;

type Extent = readonly [low: number, high: number];

/** A unit is as long upwards as along, unless the page would be too long or too flat. */
const heightFor = (x: Extent, y: Extent): number =>
  Math.round(
    Math.min(600, Math.max(360, ((width - 2 * margin) * (y[1] - y[0])) / (x[1] - x[0]) + margin + marginBottom)),
  );

interface Area {
  readonly x: Extent;
  readonly y: Extent;
  readonly height: number;
}

/** The name of each class at the middle of its points, none over another. */
function centresOf(
  rows: readonly { readonly x: number; readonly y: number; readonly label: number }[],
  names: readonly string[],
  { x, y, height }: Area,
) {
  const along = (width - 2 * margin) / (x[1] - x[0]);
  const up = (height - margin - marginBottom) / (y[1] - y[0]);
  const centres = names.flatMap((full, label) => {
    const own = rows.filter((row) => row.label === label);
    const name = full.length > longestName ? `${full.slice(0, longestName - 1)}…` : full;
    return own.length > 0 ? [{ name, x: median(own.map((row) => row.x)), y: median(own.map((row) => row.y)) }] : [];
  });
  const moved = movedApart(
    centres.map((centre) => ({ x: centre.x * along, y: centre.y * up, width: 7 * centre.name.length + 6 })),
    14,
  );
  return centres.map((centre, i) => ({ ...centre, y: centre.y + moved[i]! / up }));
}

/** Characters of a name on the chart, and classes that are named there: the legend has all. */
const longestName = 20;
const mostNamed = 30;

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
