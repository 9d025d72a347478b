/** The page of a run of training: what few labels came to, how the trainings went, what the model confuses, and how to do it again. */
import { count, plural } from './format.js';
import { type Html, html } from './html.js';
import { renderPage } from './page.js';
import { folded, list, section } from './parts.js';
import { fileTable, howTo, timeAndMemory } from './reproduction.js';
import { spaced } from './showcase.js';
import { budgetChart } from './train-budget-chart.js';
import { confusedPairs, confusionTable } from './train-confusion.js';
import { cellCharts } from './train-curves.js';
import { embeddingChart } from './train-embedding.js';
import { methodChart } from './train-method-chart.js';
import { overviewChart } from './train-overview.js';
import type { ChosenCell, TrainCell, TrainReport } from './train-report.js';
import { searchResult } from './train-search.js';
import { settingsOf } from './train-settings.js';
import { trainStyle } from './train-style.js';
import { budgetTables, cellTable, classTable } from './train-tables.js';
import { trainHeadline, trainVerdict } from './train-verdict.js';
import { warningsOf } from './train-warnings.js';

/** One self-contained HTML page; every name in the report is untrusted and escaped. */
export function renderTrainHtml(report: TrainReport): string {
  const { algorithm, data, chosen, search, timing, reproduce } = report;
  const warnings = warningsOf(report);
  return renderPage({
    kind: 'Training report',
    title: `${algorithm.name} on ${data.description}`,
    verdict: trainVerdict(report),
    headline: trainHeadline(report),
    style: trainStyle,
    sections: [
      warnings.length > 0 && section('Warnings', list(warnings)),
      section(report.budgets.length > 1 ? 'By number of labels' : 'What came out', results(report)),
      section('How the trainings went', ...courses(report)),
      chosen && section('Classes', ...classes(chosen, report)),
      chosen?.embedding && section('As the model sees them', embeddingChart(chosen)),
      search && section('Search for hyperparameters', searchResult(search)),
      section('What was trained, and on what', settingsOf(report)),
      section('How to reproduce', howTo(reproduce), models(report), timeAndMemory(timing)),
    ],
    footer: html`Made by onnx-scalpel ${reproduce.versions['onnx-scalpel']}${timing.finishedAt && ` on ${timing.finishedAt}`}. All times are of the machine it ran on.`,
  }).text;
}

const results = (report: TrainReport): (Html | false)[] => {
  const isMeasured = report.budgets.length > 0;
  const cells = cellTable(report);
  return [
    budgetChart(report) || methodChart(report),
    isMeasured && budgetTables(report),
    isMeasured && report.cells.length > 3 ? folded('Every training', cells) : cells,
  ];
};

/** Trainings that are shown besides the one looked at more closely. */
const mostOthers = 4;

function courses(report: TrainReport): (Html | false)[] {
  const { cells, chosen } = report;
  const isChosen = ({ labels, seed }: TrainCell): boolean => labels === chosen?.labels && seed === chosen.seed;
  const first = cells.find(isChosen) ?? cells.find(({ curves }) => curves.length > 0) ?? cells[0];
  if (!first) return [html`<p>There were none.</p>`];
  const others = spaced(othersOf(cells, first), mostOthers);
  return [
    overviewChart(report),
    cells.length > 1 && html`<h3>${titleOf(first)}</h3>\n`,
    cellCharts(first),
    ...others.map((cell) => folded(titleOf(cell), cellCharts(cell))),
  ];
}

/** The first of every other number of labels, or where there is one number of every other seed. */
function othersOf(cells: readonly TrainCell[], shown: TrainCell): TrainCell[] {
  const rest = cells.filter((cell) => cell !== shown && cell.curves.length > 0);
  const budgets = new Set(cells.map(({ labels }) => labels));
  if (budgets.size === 1) return rest;
  return [...budgets].flatMap((labels) =>
    labels === shown.labels ? [] : (rest.find((cell) => cell.labels === labels) ?? []),
  );
}

const titleOf = ({ labels, seed }: TrainCell | ChosenCell): string => `${plural(labels, 'label')}, seed ${seed}`;

function classes(chosen: ChosenCell, report: TrainReport): (Html | false)[] {
  const matrix = confusionTable(chosen);
  const pairs = confusedPairs(chosen);
  return [
    report.cells.length > 1 &&
      html`<p class="soft">Of the training with ${titleOf(chosen)}, on ${count(report.data.counts[chosen.on])} ${chosen.on} series.</p>\n`,
    classTable(chosen, report),
    (matrix || pairs) && html`<h3>Which classes are taken for which</h3>\n`,
    matrix,
    pairs,
  ];
}

/** Files shown in one piece. */
const mostFiles = 8;

function models({ cells }: TrainReport): Html | false {
  const files = cells.flatMap(({ model }) => model ?? []);
  if (files.length === 0) return false;
  const table = fileTable(`${plural(files.length, 'model')} ready to serve`, files);
  return html`<h3>Models</h3>\n${files.length > mostFiles ? folded(plural(files.length, 'file'), table) : table}`;
}
