/** The document of `attack` as text for the terminal. */
import { join } from 'node:path';
import type { PassSummary } from '../attack/metrics/summary.js';
import type { AttackReport, AttackReportPart } from '../report/attack-report.js';
import { count, figure, percent, plural } from '../report/format.js';
import { textTable } from '../report/table.js';
import { visible } from '../report/visible.js';

/** @param folder where the examples are. */
export function attackText(report: AttackReport, folder: string): string {
  const { model, data, attacks, leftOut, warnings, settings } = report;
  const title = visible(
    `${model.file.path}, ${plural(data.attacked, 'example')} of ${data.looked} looked at (${data.misclassified} wrong before any attack)`,
  );
  const isRounded = settings.levels !== undefined;
  const columns = [
    { title: 'attack' },
    ...(settings.goals.length > 1 || settings.goals[0] !== 'untargeted' ? [{ title: 'goal' }] : []),
    ...[
      'success',
      ...(isRounded ? [`rounded to ${settings.levels}`] : []),
      'changed',
      'clusters',
      'l2',
      'linf',
      'd20',
      'forwards',
      'backwards',
      's each',
    ].map((name) => ({ title: name, align: 'right' as const })),
  ];
  const rows = attacks.flatMap((attack) =>
    attack.summary.passes.map((pass) => row(report, attack, pass, columns.length)),
  );
  return [
    title,
    textTable(columns, rows),
    targetLines(attacks),
    [...leftOut, ...warnings].map((text) => visible(`warning: ${text}`)).join('\n'),
    visible(`${join(folder, 'report.html')}  ${join(folder, 'report.json')}  ${join(folder, '*.npz')}`),
  ]
    .filter(Boolean)
    .join('\n\n');
}

function row(report: AttackReport, { name }: AttackReportPart, pass: PassSummary, width: number): string[] {
  const { change, goal, successRate, roundedSuccessRate, forwards, backwards } = pass;
  const seconds = report.timing.attacks.find((each) => each.name === name && each.goal === goal)?.secondsPerExample;
  const mean = (of: 'positions' | 'clusters' | 'l2' | 'linf' | 'd20'): string =>
    change ? figure(change[of].mean) : '';
  const cells = [
    percent(successRate),
    ...(report.settings.levels === undefined ? [] : [percent(roundedSuccessRate ?? 0)]),
    ...(['positions', 'clusters', 'l2', 'linf', 'd20'] as const).map(mean),
    count(Math.round(forwards.mean)),
    count(Math.round(backwards.mean)),
    seconds === undefined ? '' : figure(seconds),
  ];
  return cells.length + 1 === width ? [name, ...cells] : [name, goal, ...cells];
}

/** Best, average and worst over targets, a line an attack. */
const targetLines = (attacks: readonly AttackReportPart[]): string =>
  attacks
    .flatMap(({ name, summary: { targets } }) => {
      if (!targets) return [];
      const { best, average, worst } = targets;
      const told = [best, average, worst].map(
        (each) => `${percent(each.successRate)}${each.change ? ` d20 ${figure(each.change.d20)}` : ''}`,
      );
      return [`${name} over ${targets.targets} targets: best ${told[0]}, average ${told[1]}, worst ${told[2]}`];
    })
    .join('\n');
