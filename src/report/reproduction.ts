/** What a run was made with and how to do it again: files, data, command, versions, time. */
import { bytes, count, duration, plural } from './format.js';
import { type Html, html } from './html.js';
import { code, dataTable, facts, folded, hash } from './parts.js';
import type { DataFacts, FileFacts, Reproduction, Timing } from './prune-report.js';
import { commandLine } from './shell.js';

export const dataset = (title: string, { description, files, tokens }: DataFacts): Html => html`<h3>${title}</h3>
<p>${description}${tokens !== undefined && `, ${count(tokens)} tokens in all`}.</p>
${files.length > mostFilesShown ? folded(plural(files.length, 'file'), filesOf(title, files)) : filesOf(title, files)}`;

const filesOf = (title: string, files: readonly FileFacts[]): Html =>
  fileTable(`Files of the ${title.toLowerCase()}`, files);

/** A corpus may have thousands: they must not push the results away. */
const mostFilesShown = 8;

export const fileTable = (caption: string, files: readonly FileFacts[]): Html =>
  dataTable<FileFacts>(
    caption,
    [
      { title: 'file', cell: ({ path }) => code(path), kind: 'name' },
      { title: 'size', cell: (file) => bytes(file.bytes), kind: 'number' },
      { title: 'SHA-256, first digits', cell: ({ sha256 }) => hash(sha256) },
    ],
    files,
  );

export const howTo = ({ command, workingFolder, versions }: Reproduction): Html[] => [
  html`<p>The same command, versions, thread count and machine type give the same bytes.${workingFolder && html` It ran in ${code(workingFolder)}.`}</p>
<pre><code>${commandLine(command)}</code></pre>`,
  facts(Object.entries(versions)),
];

export const timeAndMemory = (timing: Timing): Html[] => [
  html`<h3>Time and memory</h3>`,
  facts([
    ...timing.stages.map(({ stage, seconds }) => [stage, duration(seconds)] as const),
    ['in all', duration(timing.totalSeconds)],
    ...(timing.peakMemoryBytes === undefined ? [] : [['peak memory', bytes(timing.peakMemoryBytes)] as const]),
  ]),
];
