/** The figures of a comparison of forms as text, in one table for pages and the terminal. */
import { memoryText, ratioWithin, time } from './bench-figures.js';
import { relativeText, worstOutput } from './convert-verdict.js';
import { bytes, change } from './format.js';
import type { FormFigures, FormReport, FormsReport } from './forms-report.js';
import { qualityText } from './prune-verdict.js';

export interface FormRow {
  readonly name: string;
  readonly bytes: number;
  readonly gzipBytes: number;
  readonly isGzipEstimated: boolean;
  readonly figures?: FormFigures;
  /** Absent for the model as it came. */
  readonly form?: FormReport;
  readonly quality?: string;
}

export const originalName = 'as it came';

/** The model as it came, and every form that was made. */
export function formRows({ model, original, forms }: FormsReport): FormRow[] {
  const judged = forms.find(({ quality }) => quality)?.quality;
  return [
    {
      name: originalName,
      bytes: model.bytes,
      gzipBytes: model.gzipBytes!,
      isGzipEstimated: forms.some(({ isGzipEstimated }) => isGzipEstimated),
      ...(original && { figures: original }),
      ...(judged && { quality: qualityText(judged, judged.before) }),
    },
    ...forms.map((form) => ({
      ...{ name: form.name, bytes: form.bytes, gzipBytes: form.gzipBytes, isGzipEstimated: form.isGzipEstimated, form },
      ...(form.figures && { figures: form.figures }),
      ...(form.quality && { quality: qualityText(form.quality, form.quality.after) }),
    })),
  ];
}

export interface FormColumn {
  readonly title: string;
  text(row: FormRow): string;
}

const none = '—';

/** What is measured of each, but for the name, by what it is about; columns that no row has anything in are left out. */
export function formColumns(report: FormsReport): { readonly sizes: FormColumn[]; readonly times: FormColumn[] } {
  const rows = formRows(report);
  const filled = (columns: readonly FormColumn[]): FormColumn[] =>
    columns.filter(({ text }) => rows.some((row) => text(row) !== none));
  const sizes: FormColumn[] = [
    { title: 'on disk', text: (row) => bytes(row.bytes) },
    { title: 'change', text: (row) => (row.form ? change(report.model.bytes, row.bytes) : none) },
    { title: 'gzip -6', text: (row) => `${row.isGzipEstimated ? 'about ' : ''}${bytes(row.gzipBytes)}` },
    { title: 'output error', text: errorText },
    { title: qualityTitle(report), text: ({ quality }) => quality ?? none },
    { title: 'within', text: ({ form }) => (form ? (form.isWithin ? 'yes' : 'no') : none) },
  ];
  const times: FormColumn[] = [
    { title: 'load ms', text: ({ figures }) => (figures?.load ? time(figures.load.medianMilliseconds) : none) },
    { title: 'p50 ms', text: ({ figures }) => (figures ? time(figures.latency.p50Milliseconds) : none) },
    { title: 'p95 ms', text: ({ figures }) => (figures ? time(figures.latency.p95Milliseconds) : none) },
    { title: 'time, paired', text: ({ figures }) => (figures?.ratio ? ratioWithin(figures.ratio) : none) },
    { title: 'memory added', text: ({ figures }) => (figures?.memory ? memoryText(figures.memory) : none) },
  ];
  return { sizes: filled(sizes), times: filled(times) };
}

function errorText({ form }: FormRow): string {
  if (!form) return none;
  const worst = form.outputs.failure === undefined ? worstOutput(form.outputs.outputs) : undefined;
  return worst ? (worst.relative === 0 ? 'the same' : relativeText(worst)) : none;
}

const qualityTitle = ({ forms }: FormsReport): string =>
  forms.find(({ quality }) => quality)?.quality?.metric ?? 'quality';
