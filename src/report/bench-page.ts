/** The page of a bench: how long each model takes beside the first, what it needs, and how that was measured. */
import { ratioChart, roundsChart, timesChart } from './bench-charts.js';
import { benchNames } from './bench-names.js';
import type { BenchReport } from './bench-report.js';
import { loadTable, outputTable, timeTable } from './bench-tables.js';
import { benchHeadline, benchVerdict } from './bench-verdict.js';
import { figureOf } from './chart.js';
import { duration, figure, plural } from './format.js';
import { type Html, html } from './html.js';
import { hueOf, hueStyle } from './hues.js';
import { legend } from './legend.js';
import { renderPage } from './page.js';
import { facts, list, section } from './parts.js';
import { dataset, fileTable, howTo, timeAndMemory } from './reproduction.js';
import { legendStyle } from './train-style.js';

/** One self-contained HTML page; every name in the report is untrusted and escaped. */
export function renderBenchHtml(report: BenchReport): string {
  const { models, data, warnings, reproduce, timing } = report;
  const names = benchNames(report);
  const [ratios, rounds] = [ratioChart(report), roundsChart(report)];
  return renderPage({
    kind: 'Bench report',
    title: names.length > 1 ? `${names[0]} and ${plural(names.length - 1, 'model')} beside it` : names[0]!,
    verdict: benchVerdict(report),
    headline: benchHeadline(report),
    style: `${hueStyle}${legendStyle}`,
    sections: [
      warnings.length > 0 && section('Warnings', list(warnings)),
      section(
        'Time',
        ratios && figureOf(ratios),
        timeTable(report),
        figureOf(timesChart(report)),
        rounds && figureOf(rounds),
        rounds && names.length > 1 && legend(names.map((name, i) => ({ name, colour: hueOf(i) }))),
      ),
      section('Size, loading and memory', loadTable(report), models[0]!.memory && memoryNote()),
      models.length > 1 && section('Outputs', outputTable(report)),
      section('How it was measured', method(report), dataset('Inputs', data)),
      section(
        'How to reproduce',
        howTo(reproduce),
        fileTable(
          'Models',
          models.map(({ file }) => file),
        ),
        timeAndMemory(timing),
      ),
    ],
    footer: html`Made by onnx-scalpel ${reproduce.versions['onnx-scalpel']}${timing.finishedAt && ` on ${timing.finishedAt}`}. All times are of the machine it ran on.`,
  }).text;
}

const memoryNote = (): Html =>
  html`<p class="soft">Memory is what loading the model and running it added to a process that held Node, the runtime and the inputs (“before”), at its high-water mark; ± is half of what lies between the least and the most.</p>\n`;

function method({ settings, machine, models }: BenchReport): Html {
  const { latency } = models[0]!;
  return facts([
    ['models held', settings.isolate ? 'each in fresh processes' : 'all in one process'],
    ['order in each round', `shuffled by seed ${settings.seed}, every second one backwards`],
    ['rounds', `${latency.rounds} of ${settings.runs} at most, ${duration(settings.seconds)} a model`],
    ['warm-up', plural(settings.warmUp, settings.isolate ? 'run' : 'round')],
    ['samples a run', settings.batch],
    ['provider', `${settings.provider}, ${plural(settings.threads, 'thread')}`],
    ['processor', machine.processor],
    ['cores', machine.cores],
    ['load before', machine.loadBefore === undefined ? undefined : figure(machine.loadBefore)],
  ]);
}
