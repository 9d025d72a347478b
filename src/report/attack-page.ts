/** The page of a run of attacks: how the model stood, attack by attack, with examples to look at. */
import { basename } from 'node:path';
import { robustnessCharts } from './attack-charts.js';
import { exhibits } from './attack-exhibits.js';
import type { Gallery } from './attack-gallery.js';
import type { AttackReport, AttackReportPart } from './attack-report.js';
import { attackStyle } from './attack-style.js';
import { comparisonTable, exampleTable, figureTable, interpretabilityText, sharedTable } from './attack-tables.js';
import { attackHeadline, attackVerdict } from './attack-verdict.js';
import { count, duration, plural } from './format.js';
import { type Html, html } from './html.js';
import { renderPage } from './page.js';
import { facts, folded, list, note, section } from './parts.js';
import { dataset, fileTable, howTo, timeAndMemory } from './reproduction.js';

const warnings = ({ leftOut, warnings: others }: AttackReport): Html | false => {
  const all = [...leftOut, ...others];
  return all.length > 0 && section('Warnings', list(all));
};

/** One self-contained HTML page; every name in the report is untrusted and escaped. */
export const renderAttackHtml = (report: AttackReport, gallery: Gallery): string =>
  renderPage({
    kind: 'Attack report',
    title: basename(report.model.file.path),
    verdict: attackVerdict(report),
    headline: attackHeadline(report),
    style: attackStyle,
    pictures: true,
    sections: [
      warnings(report),
      section('Results', comparisonTable(report), sharedTable(report), scale(report)),
      section('Robustness', robustnessCharts(report)),
      report.attacks.map((part) => attackSection(part, report, gallery)),
      section('What was done', settings(report), dataset('Data', report.data)),
      section(
        'How to reproduce',
        howTo(report.reproduce),
        html`<h3>Model</h3>`,
        fileTable('The model', [report.model.file]),
        timeAndMemory(report.timing),
      ),
    ],
    footer: html`Made by onnx-scalpel ${report.reproduce.versions['onnx-scalpel']}${report.timing.finishedAt && ` on ${report.timing.finishedAt}`}. All times are of the machine it ran on.`,
  }).text;

const scale = ({ model: { space }, attacks }: AttackReport): Html =>
  note(
    html`<p>Distances are on the scale where the bounds of every element are 0 and 1; on the scale from −1 to 1, which some papers use, l₁, l₂ and l∞ are twice as large.${
      space.kind !== 'features' &&
      ` A cluster is a group of changed places that touch along the axes; d₂,₀ counts the ${space.height === 1 ? 'windows of 8 steps' : 'patches of 8 × 8 pixels'} that hold a change.`
    } Success is judged by the model on the example as it is stored.</p>${
      attacks.some(({ summary }) => summary.targets !== undefined) &&
      html`<p>Over several targets, best is the least over those that were reached, of examples where any was; average is over all pairs, a failure being no change; worst is the most over all targets, of examples where every one was reached.</p>`
    }`,
  );

function attackSection(part: AttackReportPart, report: AttackReport, gallery: Gallery): Html {
  const { name, paper, options, bisected, summary } = part;
  const shown = Object.entries(options).map(([option, value]) => [option, String(value)] as const);
  return section(
    name,
    html`<p class="soft">${paper}</p>\n`,
    exhibits(part, report, gallery),
    summary.passes.map((pass) => {
      const title = summary.passes.length > 1 ? ` (${pass.goal})` : '';
      const seen = interpretabilityText(pass);
      return [
        folded(
          `All figures${title}`,
          html`${figureTable(pass, report, `${plural(pass.succeeded, 'success')} of ${count(pass.attacked)}`)}${
            seen && html`<p>Interpretability score by percentile: ${seen}.</p>`
          }`,
        ),
        folded(`Examples${title}`, exampleTable(part, report, pass.goal)),
      ];
    }),
    folded('Options', facts([...shown, ...(bisected ? [['searched for each example', bisected] as const] : [])])),
  );
}

function settings({ settings: s, model, data }: AttackReport): Html {
  const { kind, channels, height, width } = model.space;
  const places = kind === 'image' ? `${height} × ${width}` : count(width);
  return facts([
    ['attacked', model.input],
    ['kind', kind],
    ['size', channels > 1 ? `${count(channels)} × ${places}` : places],
    ['scores', model.scores],
    ['classes', count(model.classes)],
    ...model.notes.map((text) => ['note', text] as const),
    ['goals', s.goals.join(', ')],
    ['bounds', s.bounds],
    ['held fixed', s.mask],
    ['levels', s.levels === undefined ? undefined : count(s.levels)],
    ['most queries an example', s.queries === undefined ? undefined : count(s.queries)],
    ['most time an example', s.seconds === undefined ? undefined : duration(s.seconds)],
    ['samples looked at', count(data.looked)],
    ['misclassified, left out', count(data.misclassified)],
    ['attacked samples', count(data.attacked)],
    ['batch', count(s.batch)],
    ['seed', String(s.seed)],
    ['threads', s.threads === undefined ? 'one per core' : String(s.threads)],
    ['provider', s.provider],
  ]);
}
