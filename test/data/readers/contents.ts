/** What records hold, in plain numbers. */
import type { Column, Reader, ReaderOptions, Records } from '../../../src/data/reader.js';
import { isPictures } from '../../../src/data/reader.js';
import { dataOf } from '../../../src/tensor/tensor.js';

export interface Contents {
  readonly columns: Readonly<Record<string, { readonly shape: readonly number[]; readonly values: readonly number[] }>>;
  readonly labels: Records['labels'];
  readonly classes: Records['classes'];
}

/** Every column, all of its rows in order. */
export function contentsOf({ count, columns, labels, classes }: Records): Contents {
  const rows = Uint32Array.from({ length: count }, (_, row) => row);
  return {
    columns: Object.fromEntries(
      [...columns].map(([name, column]) => {
        if (isPictures(column)) throw new Error('pictures are tested elsewhere');
        return [name, { shape: column.shape, values: numbersOf(column, rows) }];
      }),
    ),
    labels,
    classes,
  };
}

export const numbersOf = (column: Column, rows: Uint32Array): number[] =>
  Array.from(dataOf(column.read(rows)) as Float32Array, Number);

export const read = async (reader: Reader, paths: readonly string[], options: ReaderOptions = {}): Promise<Contents> =>
  contentsOf(await reader.read(paths, options));
