/** The .tsv files of the UCR archive: a series a line, the label first, tabs between; no header. */
import { UserError } from '../../errors.js';
import type { Reader, ReaderOptions } from '../reader.js';
import { readNumber, shortened } from './numbers.js';
import { SeriesCollector } from './series-records.js';
import { textLines } from './text-lines.js';

export const tsv: Reader = {
  suffixes: ['.tsv'],
  async read(files, options) {
    const series = new SeriesCollector();
    for (const path of files) await readFile(path, series, options);
    return series.finish({ kind: 'UCR .tsv' }, files[0] ?? 'data');
  },
};

async function readFile(
  path: string,
  series: SeriesCollector,
  { missing, partlyLabelled }: ReaderOptions,
): Promise<void> {
  let columns: number | undefined;
  for await (const { text, line } of textLines(path)) {
    if (text.trim() === '') continue;
    const where = `${path}:${line}`;
    const cells = text.split('\t');
    columns ??= cells.length;
    if (cells.length !== columns || columns < 2) {
      const said = columns < 2 ? 'a label and values with tabs between' : `${columns} cells as before`;
      throw new UserError(
        where,
        `expected ${said}, got ${cells.length} cell${cells.length === 1 ? '' : 's'}; mend the row`,
      );
    }
    const [label, ...values] = cells.map((cell, column) => {
      const value = readNumber(cell);
      if (value !== undefined) return value;
      throw new UserError(
        where,
        `column ${column}: expected a number, got '${shortened(cell)}'; read tables with --kind csv`,
      );
    });
    if (Number.isNaN(label) && !partlyLabelled)
      throw new UserError(where, 'column 0: expected a class label, got a missing value; fill it in');
    series.addPadded([values], label, missing, where);
  }
}
