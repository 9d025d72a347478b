/** The tables of a report on explanations: methods side by side, all figures of one, its instances, why others have none. */
import type { figureNames } from './explain-form.js';
import type { ExplainedInstance, ExplainedMethod, ExplainReport } from './explain-report.js';
import { saysText } from './explain-sentence.js';
import { count, duration, percent, plural } from './format.js';
import { type Html, html } from './html.js';
import { type Column, dataTable } from './parts.js';
import { brief, optional, positionWord } from './words.js';

type FigureName = (typeof figureNames)[number];

/** What each figure is, for a heading and for a line. */
const titles: Partial<Record<FigureName, readonly [short: string, long: string]>> = {
  elements: ['numbers', 'changed numbers of the input'],
  l1: ['l₁', 'l₁, each range being 1'],
  l2: ['l₂', 'l₂, each range being 1'],
  linf: ['l∞', 'l∞, each range being 1'],
  madL1: ['l₁/MAD', 'l₁ in median absolute deviations'],
  lof: ['LOF', 'local outlier factor in the class that is wanted; 1 is an inlier'],
  kde: ['log p', 'log density, kernels'],
  gmm: ['log p, GMM', 'log density, mixture of Gaussians'],
  yNN: ['yNN', 'share of the five nearest examples that the model says the same of'],
  im1: ['IM1', 'IM1: error of the autoencoder of the new class over that of the old one'],
  im2: ['IM2', 'IM2: what the autoencoders of the class and of all differ by'],
  violations: ['violations', 'violations of the schema'],
  told: ['told', 'counterfactuals of an instance'],
  covered: ['covered', 'instances with as many as asked for'],
  apart: ['apart', 'mean distance of two of an instance'],
  unlike: ['unlike', 'mean share of features in which two differ'],
  span: ['span', 'determinant of their likenesses'],
  redundancy: ['redundant', 'changed features that could be reset alone'],
};

/** Shown where methods stand side by side. */
const compared: readonly FigureName[] = ['l0', 'l1', 'l2', 'lof', 'kde', 'yNN', 'im1', 'im2', 'redundancy', 'told'];

export function comparisonTable(report: ExplainReport): Html {
  const { methods, timing } = report;
  const shown = compared.filter((name) => methods.some(({ summary }) => summary.overValid[name]));
  return dataTable<ExplainedMethod>(
    'Means over the counterfactuals that were found; time over all instances',
    [
      { title: 'method', cell: ({ name }) => name, kind: 'name' },
      { title: 'found', cell: ({ summary }) => percent(summary.validity), kind: 'number' },
      ...shown.map(
        (name): Column<ExplainedMethod> => ({
          title: name === 'l0' ? `${positionWord(report.model.space.kind)}s` : (titles[name]?.[0] ?? name),
          cell: ({ summary }) => optional(summary.overValid[name]?.mean, brief),
          kind: 'number',
        }),
      ),
      {
        title: 'time',
        cell: ({ name }) => optional(timing.methods.find((each) => each.name === name)?.secondsPerInstance, duration),
        kind: 'number',
      },
    ],
    methods,
  );
}

/** Every figure of one method: over those found, and over all, which counts failures as unchanged. */
export function figureTable({ summary }: ExplainedMethod, report: ExplainReport): Html {
  const names = Object.keys(summary.overAll) as FigureName[];
  const kind = positionWord(report.model.space.kind);
  return dataTable(
    'All figures',
    [
      {
        title: 'figure',
        cell: (name) => (name === 'l0' ? `changed ${kind}s` : (titles[name]?.[1] ?? name)),
        kind: 'name',
      },
      { title: 'mean', cell: (name) => optional(summary.overValid[name]?.mean, brief), kind: 'number' },
      { title: 'median', cell: (name) => optional(summary.overValid[name]?.median, brief), kind: 'number' },
      { title: 'mean of all', cell: (name) => optional(summary.overAll[name]?.mean, brief), kind: 'number' },
    ],
    names,
  );
}

/** How often each feature changes, and by how much. */
export function changesTable(
  { summary: { changes } }: ExplainedMethod,
  { features = [] }: ExplainReport,
): Html | false {
  if (changes.length === 0) return false;
  const unitOf = (name: string): string => {
    const unit = features.find((each) => each.name === name)?.unit;
    return unit === undefined ? '' : ` ${unit}`;
  };
  return dataTable<Change>(
    'How often each feature changes, and by how much',
    [
      { title: 'feature', cell: ({ feature }) => feature, kind: 'name' },
      { title: 'changes', cell: (each) => count(each.count), kind: 'number' },
      { title: 'share', cell: ({ share }) => percent(share), kind: 'number' },
      { title: 'rises', cell: ({ up }) => optional(up, count), kind: 'number' },
      { title: 'falls', cell: ({ down }) => optional(down, count), kind: 'number' },
      {
        title: 'median change',
        cell: ({ feature, median }) => optional(median, (value) => `${brief(value)}${unitOf(feature)}`),
        kind: 'number',
      },
      { title: 'most often to', cell: ({ mostOften }) => mostOften ?? '—' },
    ],
    changes,
    { long: changes.length > 24 },
  );
}

type Change = ExplainedMethod['summary']['changes'][number];

/** Rows of one method that a page shows; the document has all. */
const mostInstances = 200;

export function instanceTable({ instances }: ExplainedMethod, report: ExplainReport): Html {
  const shown = instances.slice(0, mostInstances);
  const isTable = report.features !== undefined;
  return dataTable<ExplainedInstance>(
    shown.length < instances.length
      ? `The first ${count(shown.length)} of ${count(instances.length)} instances; report.json has all`
      : plural(instances.length, 'instance'),
    [
      { title: 'sample', cell: ({ sample }) => sample, kind: 'name' },
      { title: 'now', cell: ({ says }) => saysText(says) },
      {
        title: 'instead',
        cell: ({ counterfactuals: [best], wanted }) =>
          best ? saysText(best.says) : html`<span class="bad">not ${wanted}</span>`,
      },
      {
        title: `${positionWord(report.model.space.kind)}s`,
        cell: ({ counterfactuals: [best] }) => optional(best?.changed, count),
        kind: 'number',
      },
      {
        title: isTable ? 'what changes' : 'why not',
        cell: ({ counterfactuals: [best], reason }) =>
          best
            ? (best.changes ?? [])
                .slice(0, 6)
                .map(({ feature, text }) => `${feature}: ${text.from} → ${text.to}`)
                .join('; ')
            : (reason?.text ?? ''),
        kind: 'words',
      },
    ],
    shown,
    { long: shown.length > 24 },
  );
}

/** Nothing where all have one. */
export function reasonTable({ instances }: ExplainedMethod): Html | false {
  const without = instances.filter(({ found }) => !found);
  if (without.length === 0) return false;
  const shown = without.slice(0, 20);
  return dataTable(
    `${plural(without.length, 'instance')} without a counterfactual${shown.length < without.length ? `, the first ${count(shown.length)}` : ''}`,
    [
      { title: 'sample', cell: ({ sample }) => sample, kind: 'name' },
      { title: 'why', cell: ({ reason }) => reason?.text ?? '', kind: 'words' },
    ],
    shown,
  );
}
