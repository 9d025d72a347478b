/** What a bench came to: one sentence, and the figures that matter most. */
import { isToldApart, ratioWithin, speedText, time } from './bench-figures.js';
import { benchNames } from './bench-names.js';
import type { BenchReport } from './bench-report.js';
import { bytes, change, plural } from './format.js';
import type { Headline } from './page.js';

/** For example: `b.onnx takes 0.513 (0.508 to 0.519) times as long as a.onnx, at batch 1 on 2 threads of cpu.` */
export function benchVerdict(report: BenchReport): string {
  const { models, settings } = report;
  const [first, ...others] = benchNames(report);
  const how = `at batch ${settings.batch} on ${plural(settings.threads, 'thread')} of ${settings.provider}`;
  if (others.length === 0) {
    const { p50Milliseconds, rounds } = models[0]!.latency;
    return `${first} takes ${time(p50Milliseconds)} ms a run, the median of ${plural(rounds, 'round')}, ${how}.`;
  }
  const ranked = others.map((name, i) => ({ name, ratio: models[i + 1]!.ratio! }));
  const { name, ratio } = ranked.reduce((best, each) => (each.ratio.median < best.ratio.median ? each : best));
  const who = others.length > 1 ? `${name}, the fastest of ${others.length} beside it,` : name;
  const doubt = isToldApart(ratio) ? '' : ', which does not tell the two apart';
  return `${who} takes ${ratioWithin(ratio)} times as long as ${first}${doubt}, ${how}.`;
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
