/** What a run of attacks came to: one sentence, and the figures that matter most. */
import type { ChangeFigure } from '../attack/metrics/change.js';
import type { AttackReport, AttackReportPart } from './attack-report.js';
import { count, duration, percent, plural } from './format.js';
import type { Headline } from './page.js';
import { brief, figureNames, positionWord } from './words.js';

/** For example: `GSE turned 20 of the 20 samples (100 %) that the model gets right, changing 51.6 of 1,024 pixels on average.` */
export function attackVerdict(report: AttackReport): string {
  const { attacks, data } = report;
  const { attacked, succeeded } = togetherOf(report);
  const right = data.unlabelled ? 'samples' : 'samples that the model gets right';
  const isPaired = report.settings.goals.length > 1;
  const of = isPaired ? `of ${plural(attacked, 'pair')} of a sample and a goal` : `of ${count(attacked)} ${right}`;
  const who = attacks.length === 1 ? attacks[0]!.name : `At least one of ${count(attacks.length)} attacks`;
  const what = isPaired ? 'reached' : 'turned';
  const least = leastChanging(report);
  const how =
    least &&
    `${attacks.length === 1 ? 'changing' : `${least.part.name} changed least,`} ${brief(least.mean)} of ${count(positionsOf(report))} ${positionWord(report.model.space.kind)}s on average`;
  return `${[`${who} ${what} ${count(succeeded)} ${of} (${percent(attacked > 0 ? succeeded / attacked : 0)})`, how].filter(Boolean).join(attacks.length === 1 ? ', ' : '; ')}.`;
}

export function attackHeadline(report: AttackReport): Headline[] {
  const { data, attacks } = report;
  const { attacked, succeeded } = togetherOf(report);
  const least = leastChanging(report);
  const size = nearest(report);
  const rounded =
    attacks.length === 1 && attacks[0]!.passes.length === 1
      ? attacks[0]!.summary.passes[0]?.roundedSuccessRate
      : undefined;
  const kind = positionWord(report.model.space.kind);
  return [
    ...(data.unlabelled
      ? []
      : [
          {
            name: 'clean accuracy',
            value: percent((data.looked - data.misclassified) / data.looked),
            detail: `${count(data.looked - data.misclassified)} of ${count(data.looked)} samples`,
          },
        ]),
    {
      name: 'success',
      value: percent(attacked > 0 ? succeeded / attacked : 0),
      detail:
        rounded === undefined
          ? `${count(succeeded)} of ${count(attacked)}${attacks.length > 1 ? ', by any attack' : ''}`
          : `${percent(rounded)} after rounding to ${count(report.settings.levels ?? 256)} levels`,
    },
    ...(least
      ? [
          {
            name: `${kind}s changed`,
            value: brief(least.mean),
            detail: `${percent(least.mean / positionsOf(report), 2)} of them${attacks.length > 1 ? `, by ${least.part.name}` : ''}`,
          },
        ]
      : []),
    ...(size ? [size] : []),
    costs(report),
  ];
}

/** The norm that matters for attacks that may change everything. */
function nearest({ attacks }: AttackReport): Headline | undefined {
  const found = attacks.flatMap((part) => {
    const norm = part.family === 'linf' || part.family === 'l1' ? part.family : 'l2';
    const mean = meanOver(part, norm);
    return mean === undefined ? [] : [{ name: part.name, norm, mean, isKept: part.family === norm } as const];
  });
  const rank = ({ norm, isKept }: (typeof found)[number]): number => order.indexOf(norm) + (isKept ? 0 : order.length);
  const [best] = found.sort((a, b) => rank(a) - rank(b) || a.mean - b.mean);
  return (
    best && {
      name: `${figureNames[best.norm]} of the change`,
      value: brief(best.mean),
      detail: `each element’s range being 1${attacks.length > 1 ? `; by ${best.name}` : ''}`,
    }
  );
}

const order: readonly string[] = ['l2', 'linf', 'l1'];

function costs(report: AttackReport): Headline {
  const { attacks, timing } = report;
  const { attacked } = togetherOf(report);
  const calls = attacks
    .flatMap(({ summary }) => summary.passes)
    .reduce((sum, pass) => sum + pass.attacked * (pass.forwards.mean + pass.backwards.mean), 0);
  const seconds = timing.attacks.reduce((sum, each) => sum + each.seconds, 0);
  return {
    name: report.settings.goals.length > 1 ? 'time a pair' : 'time an example',
    value: duration(seconds / Math.max(1, attacked)),
    detail: `${brief(calls / Math.max(1, attacked))} forward and backward passes${attacks.length > 1 ? ', all attacks' : ''}`,
  };
}

export function togetherOf({ attacks, comparison }: AttackReport): { attacked: number; succeeded: number } {
  if (comparison) return comparison;
  const passes = attacks.flatMap(({ summary }) => summary.passes);
  return {
    attacked: passes.reduce((sum, pass) => sum + pass.attacked, 0),
    succeeded: passes.reduce((sum, pass) => sum + pass.succeeded, 0),
  };
}

/** The attack that changes fewest positions among those that succeed most often. */
function leastChanging({ attacks }: AttackReport): { part: AttackReportPart; mean: number } | undefined {
  const rows = attacks
    .filter(({ family }) => family === 'sparse' || family === 'group')
    .flatMap((part) => {
      const mean = meanOver(part, 'positions');
      const succeeded = part.summary.passes.reduce((sum, pass) => sum + pass.succeeded, 0);
      return mean === undefined ? [] : [{ part, mean, succeeded }];
    });
  const most = Math.max(...rows.map(({ succeeded }) => succeeded));
  return rows.filter(({ succeeded }) => succeeded === most).sort((a, b) => a.mean - b.mean)[0];
}

/** Over all successes of all goals. */
function meanOver({ summary: { passes } }: AttackReportPart, figure: ChangeFigure): number | undefined {
  const succeeded = passes.reduce((sum, pass) => sum + pass.succeeded, 0);
  const total = passes.reduce((sum, pass) => sum + pass.succeeded * (pass.change?.[figure].mean ?? 0), 0);
  return succeeded > 0 ? total / succeeded : undefined;
}

const positionsOf = ({ model: { space } }: AttackReport): number => space.height * space.width;
