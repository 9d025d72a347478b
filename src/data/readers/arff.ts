/** ARFF, the format of Weka: tables with numeric attributes, and the multivariate series of the UEA archive. */
import { UserError } from '../../errors.js';
import type { Label, Reader, ReaderOptions, Records } from '../reader.js';
import { splitCells } from './arff-cells.js';
import { type Attribute, readAttributes } from './arff-header.js';
import { numberIn, shortened } from './numbers.js';
import { selectColumns, usualLabel } from './select-columns.js';
import { SeriesCollector } from './series-records.js';
import { TableCollector } from './table-records.js';
import { textLines } from './text-lines.js';
import { isUnlabelled } from './unlabelled.js';

export const arff: Reader = {
  suffixes: ['.arff'],
  async read(files, options) {
    let sink: Sink | undefined;
    for (const path of files) sink = await readFile(path, options, sink);
    return (sink as Sink).finish(files[0] as string);
  },
};

/** Takes rows of cells; made by the first file, whose attributes the others share. */
interface Sink {
  readonly attributes: readonly Attribute[];
  add(cells: readonly string[], where: string): void;
  finish(where: string): Records;
}

async function readFile(path: string, options: ReaderOptions, before: Sink | undefined): Promise<Sink> {
  const lines = textLines(path);
  const attributes = await readAttributes(lines, path);
  const sink = before ?? sinkFor(attributes, options, path);
  const names = sink.attributes.map(({ name }) => name);
  if (attributes.map(({ name }) => name).join() !== names.join())
    throw new UserError(
      path,
      `expected the attributes ${names.map((name) => `'${name}'`).join(', ')}, got others; give files of one relation together`,
    );
  for await (const { text, line } of lines) {
    const content = text.trim();
    if (content === '' || content.startsWith('%')) continue;
    const where = `${path}:${line}`;
    if (content.startsWith('{'))
      throw new UserError(where, 'expected dense rows, got a sparse one ({…}); write all cells');
    const cells = splitCells(content, where);
    if (cells.length !== attributes.length)
      throw new UserError(
        where,
        `expected ${attributes.length} cells, one an attribute, got ${cells.length}; mend the line`,
      );
    sink.add(cells, where);
  }
  return sink;
}

function sinkFor(attributes: readonly Attribute[], options: ReaderOptions, path: string): Sink {
  const names = attributes.map(({ name }) => name);
  const told = { ...options, label: options.label ?? labelAmong(attributes) };
  const { label, features } = selectColumns(names, told, path);
  const labels = label === undefined ? undefined : (attributes[label] as Attribute);
  const labelOf = (cells: readonly string[], where: string): Label | undefined =>
    labels && labelIn(cells[label as number] as string, labels, options, where);
  const relational = attributes.findIndex(({ type }) => type === 'relational');
  if (relational >= 0) return seriesSink(attributes, relational, labels, labelOf, options);
  for (const column of features) refuseWords(attributes[column] as Attribute, path);
  const table = new TableCollector(features.map((column) => ({ name: names[column] as string, shape: [] })));
  const cellIn = (cells: readonly string[], column: number, where: string): number =>
    numberIn(cells[column] as string, options.missing, () => `${where}: attribute '${names[column]}'`);
  return {
    attributes,
    add: (cells, where) =>
      table.add(
        features.map((column) => cellIn(cells, column, where)),
        labelOf(cells, where),
      ),
    finish: (where) => table.finish({ kind: 'ARFF table', classes: labels?.classes, label: labels?.name }, where),
  };
}

/** One attribute holds a whole case: its dimensions as lines, their values with commas between. */
function seriesSink(
  attributes: readonly Attribute[],
  relational: number,
  labels: Attribute | undefined,
  labelOf: (cells: readonly string[], where: string) => Label | undefined,
  { missing }: ReaderOptions,
): Sink {
  const series = new SeriesCollector();
  return {
    attributes,
    add(cells, where) {
      const dimensions = (cells[relational] as string).split('\n').map((line, dimension) => {
        const at = (place: number) => () => `${where}: dimension ${dimension + 1}, value ${place + 1}`;
        return line.split(',').map((cell, place) => numberIn(cell, Number.NaN, at(place)));
      });
      series.addPadded(dimensions, labelOf(cells, where), missing, where);
    },
    finish: (where) => series.finish({ kind: 'ARFF series', classes: labels?.classes }, where),
  };
}

/** The attribute whose name says so, or else the last one when it is nominal. */
function labelAmong(attributes: readonly Attribute[]): string | undefined {
  const last = attributes.at(-1);
  return usualLabel(attributes.map(({ name }) => name)) ?? (last?.type === 'nominal' ? last.name : undefined);
}

function labelIn(cell: string, { name, classes }: Attribute, { partlyLabelled }: ReaderOptions, where: string): Label {
  if (partlyLabelled && isUnlabelled(cell)) return cell;
  if (cell === '?' || cell === '')
    throw new UserError(where, `attribute '${name}': expected a class label, got none; fill it in`);
  if (!classes || classes.includes(cell)) return cell;
  throw new UserError(
    where,
    `attribute '${name}': expected one of its values, got '${shortened(cell)}'; add it to the attribute, or mend the cell`,
  );
}

function refuseWords({ name, type }: Attribute, path: string): void {
  if (type === 'numeric') return;
  throw new UserError(path, `attribute '${name}' is ${type}, which a model is not fed; leave it out with --columns`);
}
