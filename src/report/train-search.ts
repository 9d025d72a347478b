/** The search for hyperparameters: the best trials, and what each option was worth. */
import { dot } from '@observablehq/plot';
import { across, airy, below, logTicks, tickText } from './axes.js';
import { type Chart, figureOf } from './chart.js';
import { count, plural } from './format.js';
import { type Html, html } from './html.js';
import { legend } from './legend.js';
import { type Column, dataTable, folded } from './parts.js';
import { figureText } from './train-figures.js';
import type { Search } from './train-report.js';
import { visible } from './visible.js';
import { brief, optional } from './words.js';

type Trial = Search['trials'][number];

const mostTrials = 12;
const mostCharts = 9;

export function searchResult({ method, trials, best }: Search): Html {
  const names = [...new Set(trials.flatMap(({ options }) => Object.keys(options)))];
  const varied = names.filter((name) => new Set(trials.map(({ options }) => options[name])).size > 1);
  const chosen = trials.find(({ id }) => id === best);
  const charts = varied.flatMap((name) => optionChart(name, trials, chosen) ?? []).slice(0, mostCharts);
  const ranked = [...trials].sort(byWorth);
  const shown = ranked.slice(0, mostTrials);
  const rest = ranked.slice(mostTrials);
  return html`<p>${method}. ${plural(trials.length, 'trial')} ${trials.length === 1 ? 'was' : 'were'} made${failures(trials)}.${chosen && html` The best, trial ${count(chosen.id)}, reached a weighted AUC of ${optional(chosen.validationAuc, shownAuc)} on the validation series.`}</p>
${charts.length > 0 && html`<h3>What each option was worth</h3>\n<div class="curves per-3">${charts.map(figureOf)}</div>\n${legend(rungs)}`}<h3>Best trials</h3>
${trialTable(`${rest.length > 0 ? `The best ${count(shown.length)} of ` : ''}${plural(trials.length, 'trial')}, those that went furthest first`, shown, varied, best)}${rest.length > 0 && folded(`${plural(rest.length, 'trial')} more`, trialTable('All other trials', rest, varied, best))}`;
}

const dotPath = 'M5 1A4 4 0 1 1 4.99 1Z';
const rungs = [
  { name: 'trial, the fuller the more steps it made', colour: 'var(--after)', mark: dotPath },
  { name: 'the best', colour: 'var(--error)', mark: dotPath },
];

const failures = (trials: readonly Trial[]): string => {
  const failed = trials.filter(({ status }) => status === 'failed').length;
  return failed > 0 ? `, ${count(failed)} failed` : '';
};

const shownAuc = (value: number): string => figureText('weightedAuc', value);

/** More steps first: what was measured after few says little. */
const byWorth = (a: Trial, b: Trial): number =>
  b.steps - a.steps || (b.validationAuc ?? -1) - (a.validationAuc ?? -1) || a.id - b.id;

function trialTable(caption: string, trials: readonly Trial[], varied: readonly string[], best?: number): Html {
  return dataTable<Trial>(
    caption,
    [
      {
        title: 'trial',
        cell: ({ id }) => (id === best ? html`<strong>${count(id)}, best</strong>` : count(id)),
        kind: 'name',
      },
      { title: 'bracket', cell: ({ bracket }) => count(bracket), kind: 'number' },
      { title: 'rung', cell: ({ rung }) => count(rung), kind: 'number' },
      { title: 'steps', cell: ({ steps }) => count(steps), kind: 'number' },
      ...varied.map(
        (name): Column<Trial> => ({
          title: name,
          cell: ({ options }) => optionText(options[name]),
          kind: 'number',
        }),
      ),
      { title: 'validation AUC', cell: ({ validationAuc }) => optional(validationAuc, shownAuc), kind: 'number' },
      { title: 'then', cell: ({ status }) => (status === 'failed' ? html`<span class="bad">failed</span>` : status) },
    ],
    trials,
    { long: trials.length > 24 },
  );
}

const optionText = (value: string | number | boolean | undefined): string =>
  typeof value === 'number' ? brief(value) : value === undefined ? '—' : String(value);

/** Validation over one option; nothing of an option that is no number. */
function optionChart(name: string, trials: readonly Trial[], chosen: Trial | undefined): Chart | undefined {
  const most = Math.max(...trials.map(({ steps }) => steps));
  const rows = trials.flatMap(({ id, options, validationAuc, steps }) => {
    const value = options[name];
    return typeof value === 'number' && Number.isFinite(value) && validationAuc !== undefined
      ? [
          {
            id,
            value,
            auc: validationAuc,
            opacity: 0.18 + 0.82 * (steps / most),
            title: `trial ${id}: ${brief(value)}, ${shownAuc(validationAuc)}`,
          },
        ]
      : [];
  });
  if (rows.length < 2) return undefined;
  const values = rows.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (low === high) return undefined;
  const isLog = low > 0 && high > 30 * low;
  const best = rows.filter(({ id }) => id === chosen?.id);
  return {
    caption: visible(name),
    description: `Scatter chart of validation AUC over ${name} of ${plural(rows.length, 'trial')}, from ${brief(low)} to ${brief(high)}${best[0] ? `; the best has ${brief(best[0].value)}` : ''}.`,
    options: {
      ...{ width: 300, height: 200, marginLeft: 40, marginRight: 14, marginBottom: 34 },
      x: { type: isLog ? 'log' : 'linear', domain: isLog ? [low / 1.3, high * 1.3] : airy(values, 0) },
      y: {
        domain: airy(
          rows.map(({ auc }) => auc),
          0.02,
          [0, 1],
        ),
      },
      marks: [
        ...across({ ticks: 4, format: (value) => value.toFixed(2) }),
        below({ ticks: isLog ? logTicks(low, high) : 4, format: tickText }),
        dot(rows, { x: 'value', y: 'auc', r: 3.2, fill: 'var(--after)', fillOpacity: 'opacity', title: 'title' }),
        dot(best, { x: 'value', y: 'auc', r: 5, fill: 'var(--error)', title: 'title' }),
      ],
      opacity: { type: 'identity' },
    },
  };
}
