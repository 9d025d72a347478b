/** The page of a run of explanations: what would have to be different, how often, how believable it is. */
import { basename } from 'node:path';
import { exhibitStyle } from './exhibit-style.js';
import { changesChart, changesLegend } from './explain-charts.js';
import type { ExplainGallery } from './explain-gallery.js';
import { instancesOf, shownOf } from './explain-instances.js';
import type { ExplainedMethod, ExplainReport } from './explain-report.js';
import { changesTable, comparisonTable, figureTable, instanceTable, reasonTable } from './explain-tables.js';
import { explainHeadline, explainVerdict } from './explain-verdict.js';
import { count, duration, figure } from './format.js';
import { type Html, html } from './html.js';
import { renderPage } from './page.js';
import { dataTable, facts, folded, list, note, section } from './parts.js';
import { dataset, fileTable, howTo, timeAndMemory } from './reproduction.js';

/** One self-contained HTML page; every name in the report is untrusted and escaped. */
export const renderExplainHtml = (report: ExplainReport, gallery: ExplainGallery): string =>
  renderPage({
    kind: 'Counterfactuals',
    title: basename(report.model.file.path),
    verdict: explainVerdict(report),
    headline: explainHeadline(report),
    style: exhibitStyle,
    pictures: true,
    sections: [
      report.warnings.length > 0 && section('Warnings', list(report.warnings)),
      report.methods.length > 1 && section('Methods side by side', comparisonTable(report)),
      report.methods.map((method) => methodSection(method, report, gallery)),
      section(
        'What was asked',
        settings(report),
        featureTable(report),
        dataset('Data', report.data),
        report.reference && dataset('What says what is plausible', report.reference),
      ),
      section(
        'How to reproduce',
        howTo(report.reproduce),
        html`<h3>Model</h3>`,
        fileTable('The model', [report.model.file]),
        timeAndMemory(report.timing),
      ),
    ],
    footer: html`Made by onnx-scalpel ${report.reproduce.versions['onnx-scalpel']}${report.timing.finishedAt && ` on ${report.timing.finishedAt}`}. A counterfactual says what the model would answer, not what would happen. All times are of the machine it ran on.`,
  }).text;

function methodSection(method: ExplainedMethod, report: ExplainReport, gallery: ExplainGallery): Html {
  const options = Object.entries(method.options).map(([name, value]) => [name, String(value)] as const);
  const chart = changesChart(method, report);
  return section(
    method.name,
    html`<p class="soft">${method.paper}</p>\n`,
    chart &&
      html`<h3>What changes</h3>\n${changesLegend()}${chart}${folded('By how much', changesTable(method, report))}`,
    html`<h3>Instances</h3>\n`,
    shownOf(method, gallery),
    instancesOf(method, gallery),
    folded('All instances', instanceTable(method, report)),
    reasonTable(method),
    html`<h3>Figures</h3>\n`,
    figureTable(method, report),
    note(
      html`<p>Distances are on the scale where each feature’s range is 1. “Mean of all” counts an instance without a counterfactual as unchanged, as published code averages: it flatters methods that find little.</p>`,
    ),
    folded('Options', facts(options)),
  );
}

function settings(report: ExplainReport): Html {
  const { settings: s, data, model } = report;
  return facts([
    ['goal', s.goal],
    ['explained', model.input],
    ['scores', model.scores],
    ['classes', model.classes > 1 ? count(model.classes) : undefined],
    ...model.notes.map((text) => ['note', text] as const),
    ['schema', s.schema],
    ['bounds', s.bounds],
    ['held fixed', s.mask],
    ...Object.entries(s.companions),
    ['kept of all that is found', `the least ${s.keep}`],
    [
      'counterfactuals of each',
      s.counterfactuals === undefined ? undefined : `${count(s.counterfactuals)}, ${s.diversity}`,
    ],
    ['most queries an instance', s.queries === undefined ? undefined : count(s.queries)],
    ['most time an instance', s.seconds === undefined ? undefined : duration(s.seconds)],
    ['samples looked at', count(data.looked)],
    ['there already, left out', count(data.already)],
    ['of another class, left out', data.elsewhere > 0 ? count(data.elsewhere) : undefined],
    ['explained instances', count(data.explained)],
    ['batch', count(s.batch)],
    ['seed', String(s.seed)],
    ['threads', s.threads === undefined ? 'one per core' : String(s.threads)],
    ['provider', s.provider],
  ]);
}

function featureTable({ features, constraints = [] }: ExplainReport): Html | false {
  if (!features) return false;
  const table = dataTable(
    'What each feature is, and how it may change',
    [
      { title: 'feature', cell: ({ name }) => name, kind: 'name' },
      { title: 'kind', cell: ({ type }) => type },
      {
        title: 'values',
        cell: ({ range, step, values, unit }) =>
          range
            ? `${figure(range[0])} to ${figure(range[1])}${unit ? ` ${unit}` : ''}${step === undefined ? '' : `, in steps of ${figure(step)}`}`
            : (values ?? []).slice(0, 12).join(', '),
        kind: 'words',
      },
      {
        title: 'may change',
        cell: ({ immutable, direction }) => (immutable ? 'no' : direction ? `only ${direction}` : 'yes'),
      },
      { title: 'cost', cell: ({ cost }) => figure(cost), kind: 'number' },
    ],
    features,
    { long: features.length > 24 },
  );
  return html`${folded('Features', table)}${constraints.length > 0 && html`<h3>Constraints</h3>\n${list(constraints)}`}`;
}
