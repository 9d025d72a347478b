/** What of a bench should not be read without a second thought. */
import { ratioText } from './bench-figures.js';
import type { BenchReport } from './bench-report.js';
import { figure, percent } from './format.js';

/** Half of the interval over the ratio; a ratio that is told worse than this says little. */
const widest = 0.1;

/** Of the two ratios, as a logarithm: a tenth. */
const farApart = 0.1;

/** @param more what measures for longer. */
export function benchWarnings(
  { models, machine, data }: Omit<BenchReport, 'warnings'>,
  more = '--runs and --seconds',
): string[] {
  const { loadBefore, cores } = machine;
  const rounds = models[0]!.latency.rounds;
  const wide = models.flatMap(({ ratio, file: { path } }) => {
    const half = ratio?.interval ? (ratio.interval[1] - ratio.interval[0]) / 2 / ratio.median : 0;
    return half > widest ? [{ path, half }] : [];
  });
  const isBusy = loadBefore !== undefined && loadBefore > 0.5 * cores;
  const apart = models.flatMap(({ ratio, file }) => {
    const { processor, interval } = ratio ?? {};
    if (!isBusy || !processor || !interval) return [];
    const isWithin = processor.median >= interval[0] && processor.median <= interval[1];
    if (isWithin || Math.abs(Math.log(processor.median / ratio!.median)) < farApart) return [];
    return [
      `${file.path}: its time is ${ratioText(ratio!.median)} of the first's, its processor time ${ratioText(processor.median)}: other processes interrupt long runs more than short ones; measure again on a quiet machine`,
    ];
  });
  return [
    ...(isBusy ? [`the machine was busy before: ${figure(loadBefore)} processes wanted its ${cores} cores`] : []),
    ...(rounds < 6 ? [`${rounds} rounds are too few for intervals at 95 %, which need 6; raise ${more}`] : []),
    ...wideText(wide, more),
    ...apart,
    ...models.flatMap(({ outputs, file }) =>
      outputs?.failure === undefined ? [] : [`${file.path}: other outputs than the first model: ${outputs.failure}`],
    ),
    ...(data.isRandom ? ['inputs were random numbers: models whose time depends on their inputs want --data'] : []),
  ];
}

/** Named one by one, they would hide the rest. */
const mostNamed = 3;

function wideText(wide: readonly { readonly path: string; readonly half: number }[], more: string): string[] {
  if (wide.length <= mostNamed)
    return wide.map(({ path, half }) => `${path}: the ratio is known to ±${percent(half, 0)} only; raise ${more}`);
  const halves = wide.map(({ half }) => half);
  const [least, most] = [Math.min(...halves), Math.max(...halves)].map((half) => percent(half, 0));
  return [`${wide.length} of the ratios are known to ±${least} to ±${most} only; raise ${more}`];
}
