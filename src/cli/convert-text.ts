/** What `scalpel convert` says at its end: the figures before and after, and where things are. */
import { join } from 'node:path';
import type { ConvertOutput } from '../pipeline/convert/request.js';
import type { ConvertReport } from '../report/convert-report.js';
import { convertFigures, convertVerdict, percentOf, relativeText } from '../report/convert-verdict.js';
import { bytes, figure } from '../report/format.js';
import { textTable } from '../report/table.js';
import { visible } from '../report/visible.js';

/** More would not be read in a terminal; the report has them all. */
const mostTensors = 12;

const right = 'right';

export function convertText(report: ConvertReport, { report: folder }: ConvertOutput): string {
  const { notes, outputs, files } = report;
  return [
    visible(convertVerdict(report)),
    textTable(
      [{ title: 'figure' }, ...['before', 'after', 'change'].map((title) => ({ title, align: right }) as const)],
      convertFigures(report).map(({ name, before, after, change }) => [name, before, after, change]),
    ),
    outputs.failure === undefined ? outputTable(report) : visible(`outputs not compared: ${outputs.failure}`),
    tensorTable(report),
    ...(notes.length > 0 ? [notes.map((note) => `note: ${visible(note)}`).join('\n')] : []),
    [
      ...files.map(
        ({ path, bytes: size }, i) => `${i === 0 ? 'written' : 'beside '}  ${visible(path)} (${bytes(size)})`,
      ),
      `report   ${visible(join(folder, 'report.html'))}`,
      `         ${visible(join(folder, 'report.json'))}`,
    ].join('\n'),
  ].join('\n\n');
}

const outputTable = ({ outputs: { inputs, computedIn, outputs } }: ConvertReport): string =>
  [
    visible(`outputs on ${inputs}${computedIn ? `, computed in ${computedIn}` : ''}`),
    textTable(
      [
        { title: 'output', maxWidth: 60 },
        { title: 'relative error', align: right },
        { title: 'largest |Δ|', align: right },
      ],
      outputs.map((row) => [row.name, relativeText(row), row.largest === null ? 'not a number' : figure(row.largest)]),
    ),
  ].join('\n');

/** The largest first: most of the bytes are in few of them. */
function tensorTable({ tensors }: ConvertReport): string {
  const largest = [...tensors].sort((a, b) => b.bytes.before - a.bytes.before).slice(0, mostTensors);
  const table = textTable(
    [
      { title: 'tensor', maxWidth: 50 },
      { title: 'from' },
      { title: 'to' },
      { title: 'before', align: right },
      { title: 'after', align: right },
      { title: 'relative error', align: right },
    ],
    largest.map(({ name, from, to, bytes: size, error }) => [
      ...[name, from, to, bytes(size.before), bytes(size.after)],
      error ? percentOf(error.relative) : 'exact',
    ]),
  );
  const rest = tensors.length - largest.length;
  return rest > 0 ? `${table}\nand ${rest} smaller ones` : table;
}
