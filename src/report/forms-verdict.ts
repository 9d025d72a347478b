/** What a comparison of forms came to, in one sentence and in the figures that matter most. */
import { isToldApart, speedText } from './bench-figures.js';
import { bytes, change, plural } from './format.js';
import type { FormReport, FormsReport } from './forms-report.js';
import type { Headline } from './page.js';

/** For example: `13 forms were made; within an output error of 0.01, the smallest is float16 and the fastest int8; float16 is written.` */
export function formsVerdict(report: FormsReport): string {
  const { forms, written } = report;
  const [small, fast] = [smallest(report), fastest(report)];
  const parts = [
    `${plural(forms.length, 'form')} ${forms.length === 1 ? 'was' : 'were'} made`,
    small || fast
      ? `within ${limitsText(report)}, ${[
          small && `the smallest is ${small.name} (${change(report.model.bytes, small.bytes)})`,
          fast ? `the fastest ${fast.name} (${speedText(fast.figures!.ratio!)})` : 'none is faster',
        ]
          .filter(Boolean)
          .join(' and ')}`
      : `none is smaller or faster within ${limitsText(report)}`,
    written && `${written.name} is written`,
  ];
  return `${parts.filter(Boolean).join('; ')}.`;
}

export function formsHeadline(report: FormsReport): Headline[] {
  const { model, written, forms } = report;
  const [small, fast] = [smallest(report), fastest(report)];
  return [
    ...(written ? [{ name: 'written', value: written.name, detail: bytes(written.files[0]!.bytes) }] : []),
    ...(small
      ? [{ name: 'smallest', value: bytes(small.bytes), detail: `${small.name}, ${change(model.bytes, small.bytes)}` }]
      : []),
    ...(fast ? [{ name: 'fastest', value: speedText(fast.figures!.ratio!), detail: fast.name }] : []),
    { name: 'forms', value: String(forms.length), detail: `${report.left.length} do not fit` },
  ];
}

export const limitsText = ({ settings: { maxError, maxDrop } }: FormsReport): string =>
  [
    maxError !== undefined && `an output error of ${maxError}`,
    maxDrop !== undefined && `a loss of quality of ${maxDrop}`,
  ]
    .filter(Boolean)
    .join(' and ');

/** Of those that run, within the limits, and smaller than the model. */
const smallest = ({ model, forms }: FormsReport): FormReport | undefined =>
  least(
    forms.filter(({ isWithin, figures, bytes: own }) => isWithin && figures && own < model.bytes),
    ({ bytes: own }) => own,
  );

/** Of those within the limits whose time is told apart from that of the model. */
const fastest = ({ forms }: FormsReport): FormReport | undefined =>
  least(
    forms.filter(({ isWithin, figures }) => {
      const ratio = figures?.ratio;
      return isWithin && ratio && isToldApart(ratio) && ratio.median < 1;
    }),
    ({ figures }) => figures!.ratio!.median,
  );

const least = <T>(all: readonly T[], of: (each: T) => number): T | undefined =>
  all.length === 0 ? undefined : all.reduce((a, b) => (of(b) < of(a) ? b : a));
