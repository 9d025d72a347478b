/** Series as rows of a .npy array, one column of which is the label: the UCR archive as it is often passed on. */
import { UserError } from '../../errors.js';
import { floatsOf } from '../../tensor/convert.js';
import { loadNpy } from '../../tensor/npy.js';
import type { Reader } from '../reader.js';
import { SeriesCollector } from './series-records.js';

export const ucr: Reader = {
  suffixes: [],
  async read(files, { label = '0', missing, partlyLabelled }) {
    const series = new SeriesCollector();
    for (const path of files) {
      const { shape, dtype, ...stored } = loadNpy(path);
      const [count = 0, columns = 0] = shape;
      if (shape.length !== 2 || columns < 2)
        throw new UserError(
          path,
          `expected rows of a label and values, [series, 1 + length], got [${shape}]; reshape the array`,
        );
      const column = labelColumn(label, columns, path);
      const values = floatsOf({ ...stored, shape, dtype });
      for (let row = 0; row < count; row++) {
        const where = `${path}: row ${row}`;
        const cells = values.subarray(row * columns, (row + 1) * columns);
        const own = cells[column] as number;
        if (Number.isNaN(own) && !partlyLabelled)
          throw new UserError(where, `column ${column}: expected a class label, got a missing value; fill it in`);
        series.addPadded([[...cells.subarray(0, column), ...cells.subarray(column + 1)]], own, missing, where);
      }
    }
    return series.finish({ kind: `UCR rows, the label in column ${label}` }, files[0] ?? 'data');
  },
};

function labelColumn(label: string, columns: number, path: string): number {
  const column = Number(label);
  if (Number.isInteger(column) && column >= 0 && column < columns) return column;
  throw new UserError(
    path,
    `expected the label in a column from 0 to ${columns - 1}, got '${label}'; choose one with --label-column`,
  );
}
