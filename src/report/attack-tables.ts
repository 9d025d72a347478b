/** The tables of an attack report: attacks side by side, cases over targets, all figures of one attack, its examples. */
import type { Change, ChangeFigure } from '../attack/metrics/change.js';
import { percentiles } from '../attack/metrics/interpretability.js';
import type { Spread } from '../attack/metrics/spread.js';
import type { PassSummary } from '../attack/metrics/summary.js';
import type { AttackReport, AttackReportPart } from './attack-report.js';
import { count, duration, percent, plural } from './format.js';
import { type Html, html } from './html.js';
import { type Column, dataTable } from './parts.js';
import { brief, className, figureNames, optional, positionWord } from './words.js';

interface Row {
  readonly attack: string;
  readonly what: string;
  readonly success: number;
  readonly rounded?: number | undefined;
  readonly change?: Change | undefined;
  readonly interpretability?: number | undefined;
  readonly forwards?: number;
  readonly backwards?: number;
  readonly seconds?: number | undefined;
}

/** A row an attack and goal; best, average and worst over the targets where there are many. */
export function comparisonTable(report: AttackReport): Html {
  const rows = report.attacks.flatMap((part) =>
    part.summary.targets && part.passes.length > mostPasses ? caseRows(part) : passRows(part, report),
  );
  const known = (value: (row: Row) => unknown, column: Column<Row>): Column<Row>[] =>
    rows.some((row) => value(row) !== undefined) ? [column] : [];
  const kinds = new Set(rows.map(({ what }) => what));
  return dataTable(
    'Means over the examples where the attack succeeded; passes of the model and time over all',
    [
      { title: 'attack', cell: ({ attack }) => attack, kind: 'name' },
      ...(kinds.size > 1 ? [{ title: 'goal', cell: ({ what }: Row) => what }] : []),
      { title: 'success', cell: ({ success }) => percent(success), kind: 'number' },
      ...known(({ rounded }) => rounded, {
        title: 'rounded',
        cell: ({ rounded }) => optional(rounded, percent),
        kind: 'number',
      }),
      ...changeColumns<Row>(report, ({ change }) => change),
      ...known(({ interpretability }) => interpretability, {
        title: 'IS₉₀',
        cell: (row) => optional(row.interpretability, (value) => value.toFixed(2)),
        kind: 'number',
      }),
      ...known(({ forwards }) => forwards, {
        title: 'forward',
        cell: ({ forwards }) => optional(forwards, brief),
        kind: 'number',
      }),
      ...known(({ backwards }) => backwards, {
        title: 'backward',
        cell: ({ backwards }) => optional(backwards, brief),
        kind: 'number',
      }),
      ...known(({ seconds }) => seconds, {
        title: 'time',
        cell: ({ seconds }) => optional(seconds, duration),
        kind: 'number',
      }),
    ],
    rows,
  );
}

/** More passes than this are told by their cases alone. */
const mostPasses = 3;

const passRows = ({ name, summary }: AttackReportPart, { timing }: AttackReport): Row[] =>
  summary.passes.map((pass) => ({
    attack: name,
    what: pass.goal,
    success: pass.successRate,
    rounded: pass.roundedSuccessRate,
    change: meansOf(pass),
    interpretability: pass.interpretability?.['90'],
    forwards: pass.forwards.mean,
    backwards: pass.backwards.mean,
    seconds: timing.attacks.find((each) => each.name === name && each.goal === pass.goal)?.secondsPerExample,
  }));

const caseRows = ({ name, summary: { targets } }: AttackReportPart): Row[] =>
  (['best', 'average', 'worst'] as const).map((what) => ({
    attack: name,
    what: `${what} of ${targets!.targets} targets`,
    success: targets![what].successRate,
    change: targets![what].change,
  }));

const meansOf = ({ change }: PassSummary): Change | undefined =>
  change && (Object.fromEntries(Object.entries(change).map(([name, { mean }]) => [name, mean])) as unknown as Change);

/** Where several attacks reached the same examples. */
export function sharedTable(report: AttackReport): Html | false {
  const shared = report.comparison?.shared;
  if (!shared || shared.counted === 0) return false;
  return dataTable(
    `Means over the ${plural(shared.counted, report.settings.goals.length > 1 ? 'pair' : 'example')} that every attack turned`,
    [
      { title: 'attack', cell: ({ name }) => name, kind: 'name' },
      ...changeColumns<(typeof shared.attacks)[number]>(report, ({ change }) => change),
    ],
    shared.attacks,
  );
}

function changeColumns<T>({ model: { space } }: AttackReport, change: (row: T) => Change | undefined): Column<T>[] {
  const column = (title: string, name: ChangeFigure): Column<T> => ({
    title,
    cell: (row) => optional(change(row)?.[name], brief),
    kind: 'number',
  });
  const isPlaced = space.kind !== 'features';
  return [
    column(`${positionWord(space.kind)}s`, 'positions'),
    ...(isPlaced ? [column(figureNames.clusters, 'clusters'), column(figureNames.d20, 'd20')] : []),
    column(figureNames.l1, 'l1'),
    column(figureNames.l2, 'l2'),
    column(figureNames.linf, 'linf'),
  ];
}

interface FigureRow {
  readonly name: string;
  readonly spread: Spread;
  /** Over all attacked. */
  readonly ofAll?: number;
}

/** Every figure of one pass. */
export function figureTable(pass: PassSummary, report: AttackReport, title: string): Html {
  const { change, changeOfAll, forwards, backwards } = pass;
  const row = (name: string, of: ChangeFigure): FigureRow[] =>
    change ? [{ name, spread: change[of], ofAll: changeOfAll[of] }] : [];
  const word = positionWord(report.model.space.kind);
  const isPlaced = report.model.space.kind !== 'features';
  const rows = [
    ...row(`changed ${word}s`, 'positions'),
    ...row('changed elements', 'elements'),
    ...(isPlaced ? [...row('clusters', 'clusters'), ...row('d₂,₀', 'd20')] : []),
    ...row('l₁', 'l1'),
    ...row('l₂', 'l2'),
    ...row('l∞', 'linf'),
    ...row(`${word}s changed by half a level`, 'coarsePositions'),
    ...row('elements changed by half a level', 'coarseElements'),
    ...(isPlaced
      ? [...row('clusters of half a level', 'coarseClusters'), ...row('d₂,₀ of half a level', 'coarseD20')]
      : []),
    { name: 'forward passes', spread: forwards },
    { name: 'backward passes', spread: backwards },
  ];
  return dataTable<FigureRow>(
    title,
    [
      { title: 'figure', cell: ({ name }) => name, kind: 'name' },
      { title: 'mean', cell: ({ spread }) => brief(spread.mean), kind: 'number' },
      { title: 'median', cell: ({ spread }) => brief(spread.median), kind: 'number' },
      { title: 'least', cell: ({ spread }) => brief(spread.least), kind: 'number' },
      { title: 'most', cell: ({ spread }) => brief(spread.most), kind: 'number' },
      { title: 'mean of all attacked', cell: ({ ofAll }) => optional(ofAll, brief), kind: 'number' },
    ],
    rows,
  );
}

export function interpretabilityText({ interpretability }: PassSummary): string | undefined {
  if (!interpretability) return undefined;
  return percentiles.map((percent) => `${interpretability[percent].toFixed(2)} (${percent})`).join(', ');
}

/** Rows of one pass that a page shows; the document has all. */
const mostExamples = 200;

export function exampleTable({ passes }: AttackReportPart, report: AttackReport, goal: string): Html {
  const { examples } = passes.find((pass) => pass.goal === goal)!;
  const shown = examples.slice(0, mostExamples);
  const name = (label: number): string => className(report.data.classes, label);
  return html`${dataTable(
    shown.length < examples.length
      ? `The first ${count(shown.length)} of ${count(examples.length)} examples; report.json has all`
      : plural(examples.length, 'example'),
    [
      { title: 'sample', cell: ({ id }) => id, kind: 'name' },
      { title: 'label', cell: ({ label }) => name(label) },
      {
        title: 'now',
        cell: ({ predicted, success }) => html`<span${success && html` class="bad"`}>${name(predicted)}</span>`,
      },
      { title: 'margin', cell: ({ margin }) => brief(margin), kind: 'number' },
      ...changeColumns<(typeof shown)[number]>(report, ({ change, success }) => (success ? change : undefined)),
      { title: 'forward', cell: ({ forwards }) => count(forwards), kind: 'number' },
      { title: 'backward', cell: ({ backwards }) => count(backwards), kind: 'number' },
    ],
    shown,
    { long: shown.length > 24 },
  )}`;
}
