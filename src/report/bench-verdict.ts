/** What a bench came to: one sentence, and the figures that matter most. */
import { ratioWithin, speedText, time } from './bench-figures.js';
import { benchNames } from './bench-names.js';
import type { BenchReport } from './bench-report.js';
import { bytes, change, plural } from './format.js';
import type { Headline } from './page.js';

/** For example: `b.onnx takes 0.513 (0.508 to 0.519) of the time of a.onnx, at batch 1 on 2 threads.` */
export function benchVerdict(report: BenchReport): string {
  const { models, settings } = report;
  const [first, ...others] = benchNames(report);
  const how = `at batch ${settings.batch} on ${plural(settings.threads, 'thread')} of ${settings.provider}`;
  if (others.length === 0)
    return `${first} takes ${time(models[0]!.latency.p50Milliseconds)} ms a run (median of ${plural(models[0]!.latency.rounds, 'round')}), ${how}.`;
  const ranked = others
    .map((name, i) => ({ name, ratio: models[i + 1]!.ratio! }))
    .sort((a, b) => a.ratio.median - b.ratio.median);
  const { name, ratio } = ranked[0]!;
  const best = others.length > 1 ? `the fastest beside it, ${name}, ` : `${name} `;
  const tail = speedText(ratio) === 'not told apart' ? ', which does not tell the two apart,' : '';
  return `${others.length > 1 ? `Compared with ${first}, ` : ''}${best}takes ${ratioWithin(ratio)} of the time${others.length > 1 ? '' : ` of ${first}`}${tail} ${how}.`;
}

export function benchHeadline(report: BenchReport): Headline[] {
  const names = benchNames(report);
  const { models } = report;
  const first = models[0]!;
  const shown = models.length > 1 ? models.slice(1, most + 1) : models;
  return shown.flatMap((model, i) => {
    const name = names[models.length > 1 ? i + 1 : 0]!;
    if (!model.ratio)
      return [{ name: 'median time of a run', value: `${time(model.latency.p50Milliseconds)} ms`, detail: name }];
    return [
      { name: `time of ${name}`, value: speedText(model.ratio), detail: `ratio ${ratioWithin(model.ratio)}` },
      ...(models.length === 2
        ? [
            { name: 'file', value: bytes(model.file.bytes), detail: change(first.file.bytes, model.file.bytes) },
            ...(model.memory && first.memory
              ? [
                  {
                    name: 'memory at the peak',
                    value: bytes(model.memory.bytes),
                    detail: change(first.memory.bytes, model.memory.bytes),
                  },
                ]
              : []),
          ]
        : []),
    ];
  });
}

/** Models that have a figure of their own at the top. */
const most = 4;
