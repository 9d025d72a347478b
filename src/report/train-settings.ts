/** What was trained, on what, and how: the facts of a report on training. */
import { count, percent } from './format.js';
import { type Html, html } from './html.js';
import { type Column, dataTable, facts, folded, list } from './parts.js';
import { dataset, fileTable } from './reproduction.js';
import type { TrainReport } from './train-report.js';

export const settingsOf = (report: TrainReport): Html[] => [algorithm(report), model(report), ...data(report)];

function algorithm({ algorithm: a, settings: s }: TrainReport): Html {
  return html`<h3>Algorithm and training</h3>
<p>${a.description}${a.paper && html` <span class="soft">${a.paper}</span>`}</p>
${facts([
  ...entries(a.options),
  ['labels', s.labels.map(count).join(', ')],
  ['seeds', s.seeds.join(', ')],
  ['steps at most', count(s.steps)],
  ...entries(s.options),
  ['threads', s.threads === undefined ? 'one per core' : String(s.threads)],
  ['provider', s.provider],
])}`;
}

function model({ model: m }: TrainReport): Html {
  return html`<h3>Model</h3>
${facts([
  ['start', m.start],
  ['parameters', count(m.parameters)],
  ...entries(m.options),
  [
    'zeros held',
    m.masks &&
      `${count(m.masks.zeros)} of ${count(m.masks.weights)} (${percent(m.masks.weights > 0 ? m.masks.zeros / m.masks.weights : 0)})`,
  ],
])}${m.notes.length > 0 && list(m.notes)}${m.file && fileTable('The model that it started from', [m.file])}`;
}

type ClassCount = TrainReport['data']['classes'][number];

function data({ data: d }: TrainReport): Html[] {
  const known = (title: string, of: (each: ClassCount) => number | undefined): Column<ClassCount>[] =>
    d.classes.some((each) => of(each) !== undefined)
      ? [{ title, cell: (each) => count(of(each) ?? 0), kind: 'number' }]
      : [];
  const table = dataTable<ClassCount>(
    'Series of each class',
    [
      { title: 'class', cell: ({ name }) => name, kind: 'name' },
      ...known('training', ({ training }) => training),
      ...known('validation', ({ validation }) => validation),
      ...known('test', ({ test }) => test),
    ],
    d.classes,
    { long: d.classes.length > 24 },
  );
  const optionalCount = (value: number): string | undefined => (value > 0 ? count(value) : undefined);
  return [
    dataset('Data', d),
    facts([
      ['channels', count(d.channels)],
      [
        'length',
        d.unequal
          ? `${count(d.unequal.shortest)} to ${count(d.unequal.longest)}, shorter ones padded`
          : count(d.length),
      ],
      ['classes', count(d.classes.length)],
      ['training series', count(d.counts.training)],
      ['without a label in the files', optionalCount(d.counts.unlabelled)],
      ['validation series', optionalCount(d.counts.validation) ?? 'none'],
      ['test series', optionalCount(d.counts.test) ?? 'none'],
    ]),
    html`<p>Standardised: ${d.standardise}.</p>\n`,
    folded('Series of each class', table),
  ];
}

const entries = (options: Readonly<Record<string, string | number | boolean>>) =>
  Object.entries(options).map(([name, value]) => [name, String(value)] as const);
