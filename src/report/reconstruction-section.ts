/** The part of a page that tells what a reconstruction did. */
import { figureOf } from './chart.js';
import { bytes, count, duration, figure, percent, plural } from './format.js';
import { type Html, html } from './html.js';
import { type Column, dataTable, facts, section } from './parts.js';
import type { PruneReport } from './prune-report.js';
import { driftChart, lossChart } from './reconstruction-charts.js';
import type { AddedReport, RegionReport } from './reconstruction-report.js';

/** Nothing for runs without one. */
export function reconstructionSection({
  reconstruction,
  settings,
  timing,
}: Pick<PruneReport, 'reconstruction' | 'timing'> & {
  readonly settings: Pick<PruneReport['settings'], 'reconstruction'>;
}): Html | undefined {
  if (!reconstruction) return undefined;
  const { regions, drift, added } = reconstruction;
  const [curves, depth] = [lossChart(regions), driftChart(drift)];
  return section(
    'Reconstruction',
    html`<p>The weights that were left were fitted, region by region, to what the dense model answers; zeros stayed zeros.</p>\n`,
    added && html`<p>${besideText(added)}</p>\n`,
    facts(Object.entries(settings.reconstruction ?? {}).map(([name, value]) => [words(name), String(value)] as const)),
    curves && figureOf(curves),
    depth && figureOf(depth),
    dataTable(`${plural(regions.length, 'region')} in order of execution`, columns(timing), regions, {
      long: regions.length > 24,
    }),
  );
}

const besideText = ({ nodes, parameters, bytes: size, layers }: AddedReport): string =>
  `${plural(nodes, 'node')} with ${count(parameters)} parameters (${bytes(size)}) were added beside ${plural(layers.length, 'layer')}.`;

function columns({ regions: times = [] }: PruneReport['timing']): Column<RegionReport>[] {
  const timeOf = new Map(times.map((time) => [time.name, time]));
  return [
    { title: 'region', cell: ({ name }) => name, kind: 'name' },
    { title: 'weights moved', cell: ({ trained }) => count(trained), kind: 'number' },
    { title: 'steps', cell: ({ steps }) => count(steps), kind: 'number' },
    { title: 'loss before', cell: ({ loss }) => figure(loss.before), kind: 'number' },
    { title: 'loss after', cell: ({ loss }) => figure(loss.after), kind: 'number' },
    { title: 'error before', cell: ({ error }) => optional(error?.before, fine), kind: 'number' },
    { title: 'error after', cell: ({ error }) => optional(error?.after, fine), kind: 'number' },
    { title: 'time', cell: ({ name }) => optional(timeOf.get(name)?.seconds, duration), kind: 'number' },
    { title: 'peak memory', cell: ({ name }) => optional(timeOf.get(name)?.peakMemoryBytes, bytes), kind: 'number' },
  ];
}

const fine = (value: number): string => percent(value, 2);

const optional = (value: number | undefined, show: (value: number) => string): string =>
  value === undefined ? '—' : show(value);

/** `batchSize` is `batch size`. */
const words = (key: string): string => key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
