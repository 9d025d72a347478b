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
import { code, facts, list, section } from './parts.js';
import { dataset, fileTable, timeAndMemory } from './reproduction.js';
import { commandLine } from './shell.js';
import { legendStyle } from './train-style.js';

/** One self-contained HTML page; every name in the report is untrusted and escaped. */
export function renderBenchHtml(report: BenchReport): string {
  const { models, data, warnings, reproduce, timing } = report;
  const names = benchNames(report);
  const beside = models.flatMap(({ ratio }, i) => (ratio ? [{ name: names[i]!, ratio }] : []));
  const [ratios, rounds] = [ratioChart(names[0]!, beside), roundsChart(report)];
  return renderPage({
    kind: 'Bench report',
    title: titleOf(names),
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
      section(
        'How it was measured',
        method(report),
        data.isRandom ? html`<h3>Inputs</h3>\n<p>${data.description}.</p>\n` : dataset('Inputs', data),
      ),
      section(
        'How to reproduce',
        again(report),
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

const titleOf = ([first, ...others]: readonly string[]): string =>
  others.length > 1 ? `${first} and ${plural(others.length, 'model')} beside it` : [...others, first].join(' beside ');

const memoryNote = (): Html =>
  html`<p class="soft">Memory is what loading the model and running it added to a process that held Node, the runtime and the inputs (“before”), at its high-water mark; ± is half of what lies between the least and the most.</p>\n`;

const again = ({ reproduce: { command, workingFolder, versions } }: BenchReport): Html[] => [
  html`<p>The same command gives the same inputs and the same order, but never the same times.${workingFolder && html` It ran in ${code(workingFolder)}.`}</p>
<pre><code>${commandLine(command)}</code></pre>`,
  facts(Object.entries(versions)),
];

function method({ settings, machine, models }: BenchReport): Html {
  const { latency } = models[0]!;
  return facts([
    ['models held', settings.isolate ? 'each in fresh processes' : 'all in one process'],
    ['order', `drawn by seed ${settings.seed}`],
    ['rounds', `${latency.rounds} of ${settings.runs}, in ${duration(settings.seconds)} a model`],
    ['warm-up', plural(settings.warmUp, settings.isolate ? 'run' : 'round')],
    ['samples a run', settings.batch],
    ['provider', `${settings.provider}, ${plural(settings.threads, 'thread')}`],
    ['processor', machine.processor],
    ['cores', machine.cores],
    ['load before', machine.loadBefore === undefined ? undefined : figure(machine.loadBefore)],
  ]);
}
