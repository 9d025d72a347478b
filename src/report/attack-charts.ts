/** The charts of an attack report: how many examples stand up to how much change. */
import { axisX, axisY, gridY, line, ruleY } from '@observablehq/plot';
import type { CurveNorm, RobustnessCurve } from '../attack/metrics/robustness-curve.js';
import { rightAt } from '../attack/metrics/robustness-curve.js';
import type { AttackReport } from './attack-report.js';
import { type Chart, figureOf } from './chart.js';
import { count, percent } from './format.js';
import { type Html, html, trusted } from './html.js';
import { strokeOf } from './hues.js';
import { visible } from './visible.js';
import { brief, figureNames, positionWord } from './words.js';

/** In which norms the curves of a family are drawn: those that it keeps small. */
const normsOf: Readonly<Record<string, readonly CurveNorm[]>> = {
  sparse: ['positions', 'd20', 'l2'],
  group: ['positions', 'd20', 'l2'],
  l1: ['l1', 'l2'],
  l2: ['l2', 'linf'],
  linf: ['linf', 'l2'],
};

const norms = ['positions', 'd20', 'l1', 'l2', 'linf'] as const satisfies readonly CurveNorm[];

interface Curve {
  readonly name: string;
  readonly curve: RobustnessCurve;
  readonly stroke: { readonly stroke: string; readonly strokeDasharray: string };
}

/** A legend, then a chart a norm that an attack keeps small. */
export function robustnessCharts(report: AttackReport): Html {
  const { attacks, comparison } = report;
  const isPlaced = report.model.space.kind === 'image' || report.model.space.kind === 'series';
  const drawn = norms.flatMap((norm) => {
    if (norm === 'd20' && !isPlaced) return [];
    const shown = attacks.flatMap(({ name, family, summary }, i): Curve[] => {
      const curve = summary.curves.find((each) => each.norm === norm);
      const belongs =
        (normsOf[family] ?? norms).includes(norm) && summary.passes.some(({ succeeded }) => succeeded > 0);
      return belongs && curve ? [{ name: visible(name), curve, stroke: strokeOf(i) }] : [];
    });
    const all = comparison?.curves.find((each) => each.norm === norm);
    const together: Curve[] =
      all && shown.length > 1 ? [{ name: allTogether, curve: all, stroke: togetherStroke }] : [];
    return shown.length > 0 ? [{ norm, curves: [...together, ...shown] }] : [];
  });
  if (drawn.length === 0) return html`<p>No attack reached its goal.</p>\n`;
  const perRow = drawn.length === 2 || drawn.length === 4 ? 2 : 3;
  const width = drawn.length === 1 ? 920 : perRow === 2 ? 450 : 300;
  return html`<p>The share of the attacked examples that the model still classifies right when so much may change, read off one run.</p>
${legend(report)}
<div class="curves per-${perRow}">
${drawn.map(({ norm, curves }) => figureOf(chartOf(norm, curves, report, width)))}</div>
`;
}

const allTogether = 'all attacks together';
const togetherStroke = { stroke: 'currentColor', strokeDasharray: '1 4' } as const;

function legend({ attacks, comparison }: AttackReport): Html | false {
  if (attacks.length < 2) return false;
  const rows = attacks.map(({ name }, i) => ({ name, ...strokeOf(i) }));
  const together = { name: allTogether, ...togetherStroke };
  return html`<ul class="legend">${(comparison ? [...rows, together] : rows).map(
    ({ name, stroke, strokeDasharray }) =>
      html`<li><svg viewBox="0 0 30 10" aria-hidden="true"><path d="M1 5H29" fill="none" stroke="${trusted(stroke)}" stroke-width="2.5" stroke-dasharray="${strokeDasharray}"/></svg>${name}</li>`,
  )}</ul>`;
}

function chartOf(norm: CurveNorm, curves: readonly Curve[], report: AttackReport, width: number): Chart {
  const end = endOf(curves);
  const unit = unitOf(norm, report);
  const steps = curves.flatMap(({ name, curve }) => {
    const inside = curve.budgets.flatMap((budget, i) =>
      budget <= end ? [{ name, budget, right: curve.right[i]! }] : [],
    );
    return [...inside, { name, budget: end, right: rightAt(curve, end) }];
  });
  return {
    caption: unit,
    description: `Step chart of the share of ${curves[0]!.curve.examples} attacked examples still right by ${unit}: ${curves
      .map(({ name, curve }) => `${name} ${halfAt(curve)}, ${percent(rightAt(curve, end))} at ${brief(end)}`)
      .join('; ')}.`,
    options: {
      width,
      height: width > 300 ? 250 : 220,
      marginLeft: 44,
      marginRight: 16,
      marginBottom: 34,
      x: { domain: [0, end] },
      y: { domain: [0, 1] },
      marks: [
        gridY({ stroke: 'var(--line)', strokeOpacity: 1, ticks: 5 }),
        axisY({ ticks: 5, tickSize: 0, label: null, tickFormat: (v: number) => percent(v, 0), fill: 'var(--soft)' }),
        axisX({
          ticks: 5,
          tickSize: 4,
          label: null,
          tickFormat: (v: number) => count(v),
          stroke: 'var(--soft)',
          fill: 'var(--soft)',
        }),
        ruleY([0], { stroke: 'var(--soft)' }),
        ...curves.map(({ name, stroke }) =>
          line(
            steps.filter((step) => step.name === name),
            { x: 'budget', y: 'right', curve: 'step-after', strokeWidth: 2, ...stroke },
          ),
        ),
      ],
    },
  };
}

function unitOf(norm: CurveNorm, { model: { space } }: AttackReport): string {
  if (norm === 'positions') return `${positionWord(space.kind)}s changed`;
  if (norm === 'elements') return 'elements changed';
  return norm === 'd20'
    ? `${figureNames.d20}: ${space.height === 1 ? 'windows' : 'patches'} changed`
    : figureNames[norm];
}

/** Where all curves have done nearly all of their fall, but not so far out that one flat curve hides the others. */
function endOf(curves: readonly Curve[]): number {
  const ends = curves.map(({ curve: { budgets, right } }) => {
    const fallen = 1 - 0.98 * (1 - right.at(-1)!);
    return budgets[right.findIndex((share) => share <= fallen)]!;
  });
  return Math.min(Math.max(...ends) * 1.05, Math.min(...ends.filter((end) => end > 0)) * 8) || 1;
}

function halfAt({ budgets, right }: RobustnessCurve): string {
  const place = right.findIndex((share) => share <= 0.5);
  return place < 0 ? 'leaves more than half' : `leaves half at ${brief(budgets[place]!)}`;
}
