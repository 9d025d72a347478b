/** What a run of training came to: one sentence, and the figures that matter most. */
import { count, duration, plural } from './format.js';
import type { Headline } from './page.js';
import { type FigureName, figureKinds, figureText, spreadsOf, spreadText } from './train-figures.js';
import type { TrainBudget, TrainReport } from './train-report.js';

/** For example: `mixmatch reaches a weighted AUC of 0.912 ± 0.010 with 50 labels and 0.970 ± 0.002 with 1,000, over 5 seeds, on 7,200 test series of 24 classes.` */
export function trainVerdict(report: TrainReport): string {
  const { algorithm, data, cells } = report;
  const figure = headFigure(report);
  if (!figure) return unmeasured(report);
  const { first, last } = ends(report.budgets);
  const told = (budget: TrainBudget): string => spreadText(figure, budget.figures[figure]);
  const title = figureKinds[figure].title;
  const article = /^[aeiou]/.test(title) ? 'an' : 'a';
  const reached = [
    `${algorithm.name} reaches ${article} ${title} of ${told(first)} with ${plural(first.labels, 'label')}`,
    ...(first === last ? [] : [`and ${told(last)} with ${count(last.labels)}`]),
  ].join(' ');
  const seeds = Math.max(...report.budgets.map((budget) => budget.figures[figure]?.n ?? 0));
  const on = measuredOn(report);
  const where = `on ${count(data.counts[on ?? 'test'])} ${on} series of ${count(data.classes.length)} classes`;
  const lost = cells.filter(({ status }) => status !== 'done').length;
  return [
    [reached, ...(seeds > 1 ? [`over ${count(seeds)} seeds`] : []), where].join(seeds > 1 ? ', ' : ' '),
    on === 'test' && beside(report, first, figure),
    lost > 0 && `${count(lost)} of ${plural(cells.length, 'training')} did not come to an end`,
  ]
    .filter(Boolean)
    .join('; ')
    .concat('.');
}

/** How the best of the baselines does with the fewest labels. */
function beside(report: TrainReport, { labels, figures }: TrainBudget, name: FigureName): string | undefined {
  const rivals = baselinesOf(report).flatMap((each) => {
    const spread = each.budgets.find((budget) => budget.labels === labels)?.figures[name];
    return spread ? [{ name: each.name, mean: spread.mean }] : [];
  });
  const best = rivals.sort((a, b) => b.mean - a.mean)[0];
  const own = figures[name];
  if (!best || !own) return undefined;
  const by = Math.abs(own.mean - best.mean);
  const text = figureText(name, by).replace('%', 'points');
  const others = rivals.length > 1 ? `the best of ${count(rivals.length)} baselines, ${best.name}` : best.name;
  if (own.mean === best.mean) return `with ${count(labels)} that is as much as ${others}`;
  return `with ${count(labels)} that is ${text} ${own.mean > best.mean ? 'above' : 'below'} ${others}`;
}

function unmeasured({ algorithm, cells, settings }: TrainReport): string {
  const done = cells.filter(({ status }) => status === 'done');
  if (done.length === 0) {
    const reason = cells.find((cell) => cell.reason !== undefined)?.reason;
    return `None of ${plural(cells.length, 'training')} by ${algorithm.name} came to an end${reason === undefined ? '' : `: ${reason}`}.`;
  }
  const labels = settings.labels.map(count).join(', ');
  return `${algorithm.name} made ${plural(done.length, 'model')} with ${labels} labels; there were no test or validation series, so nothing was measured.`;
}

export function trainHeadline(report: TrainReport): Headline[] {
  const figure = headFigure(report);
  const seconds = report.timing.cells.reduce((sum, cell) => sum + cell.seconds, 0);
  const time: Headline[] =
    report.timing.cells.length > 0
      ? [
          {
            name: 'time of a training',
            value: duration(seconds / report.timing.cells.length),
            detail: `${duration(report.timing.totalSeconds)} in all`,
          },
        ]
      : [];
  if (!figure) return time;
  const { first, last } = ends(report.budgets);
  const isOne = first === last;
  const card = (name: FigureName, { labels, figures }: TrainBudget): Headline[] =>
    figures[name]
      ? [
          {
            name: figureKinds[name].title,
            value: figureText(name, figures[name].mean),
            detail: `with ${plural(labels, 'label')}${figures[name].deviation === undefined ? '' : `, ±\u00a0${figureText(name, figures[name].deviation)}`}`,
          },
        ]
      : [];
  const shown: FigureName[] = ['accuracy', 'macroF1', 'calibrationError'];
  return [
    ...card(figure, first),
    ...(isOne ? [] : card(figure, last)),
    ...shown
      .filter((name) => name !== figure)
      .flatMap((name) => card(name, last))
      .slice(0, isOne ? 3 : 2),
    ...time,
  ];
}

/** The figure that is told first: the weighted AUC, or where there is none the accuracy. */
export const headFigure = ({ budgets }: TrainReport): 'weightedAuc' | 'accuracy' | undefined =>
  (['weightedAuc', 'accuracy'] as const).find((name) => budgets.some(({ figures }) => figures[name]));

/** What the figures of `budgets` are from. */
export const measuredOn = ({ cells }: TrainReport): 'test' | 'validation' | undefined =>
  (['test', 'validation'] as const).find((on) => cells.some((cell) => cell.status === 'done' && cell[on]));

/** The baselines by name, each by number of labels. */
export function baselinesOf({ baselines = [] }: TrainReport) {
  const names = [...new Set(baselines.map(({ name }) => name))];
  return names.map((name) => ({ name, budgets: spreadsOf(baselines.filter((each) => each.name === name)) }));
}

/** @param budgets at least one. */
const ends = (budgets: readonly TrainBudget[]) => ({ first: budgets[0]!, last: budgets.at(-1)! });
