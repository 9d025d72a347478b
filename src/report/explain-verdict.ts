/** What a run of explanations came to: one sentence, and the figures that matter most. */
import type { ExplainedMethod, ExplainReport } from './explain-report.js';
import { count, duration, percent, plural } from './format.js';
import type { Headline } from './page.js';
import { brief, positionWord } from './words.js';

/** For example: `scfe found a counterfactual for 98 of 100 instances (98.0 %), changing 1.30 of 12 features on average.` */
export function explainVerdict(report: ExplainReport): string {
  const { methods, found, data } = report;
  const best = sparsest(report);
  const who = methods.length === 1 ? methods[0]!.name : `At least one of ${count(methods.length)} methods`;
  const how =
    best?.summary.overValid.l0 &&
    `${methods.length === 1 ? 'changing' : `${best.name} changed least,`} ${brief(best.summary.overValid.l0.mean)} of ${plural(changeable(report), positionWord(report.model.space.kind))} on average`;
  const told = `${who} found a counterfactual for ${count(found)} of ${plural(data.explained, 'instance')} (${percent(found / data.explained)})`;
  return `${[told, how].filter(Boolean).join(methods.length === 1 ? ', ' : '; ')}.`;
}

export function explainHeadline(report: ExplainReport): Headline[] {
  const { data, found, methods, timing } = report;
  const best = sparsest(report);
  const figures = best?.summary.overValid;
  const by = methods.length > 1 && best ? `, by ${best.name}` : '';
  const seconds = timing.methods.reduce((sum, each) => sum + each.seconds, 0);
  const kind = positionWord(report.model.space.kind);
  return [
    { name: 'found', value: percent(found / data.explained), detail: `${count(found)} of ${count(data.explained)}` },
    ...(figures?.l0
      ? [
          {
            name: `${kind}s changed`,
            value: brief(figures.l0.mean),
            detail: `median ${brief(figures.l0.median)} of ${count(changeable(report))}${by}`,
          },
        ]
      : []),
    ...(figures?.l2
      ? [{ name: 'distance, l₂', value: brief(figures.l2.mean), detail: `each range being 1${by}` }]
      : []),
    ...(figures?.lof
      ? [{ name: 'outlier factor', value: brief(figures.lof.mean), detail: `1 is an inlier of its class${by}` }]
      : []),
    {
      name: 'time an instance',
      value: duration(seconds / data.explained),
      detail: `${duration(seconds)} in all${methods.length > 1 ? ', all methods' : ''}`,
    },
  ];
}

/** Of the methods that find most often, the one that changes fewest features. */
export function sparsest({ methods }: ExplainReport): ExplainedMethod | undefined {
  const most = Math.max(...methods.map(({ summary }) => summary.found));
  const changes = ({ summary }: ExplainedMethod): number => summary.overValid.l0?.mean ?? Number.POSITIVE_INFINITY;
  return methods.filter(({ summary }) => summary.found === most && most > 0).sort((a, b) => changes(a) - changes(b))[0];
}

const changeable = ({ features, model: { space } }: ExplainReport): number =>
  features?.length ?? space.height * space.width;
