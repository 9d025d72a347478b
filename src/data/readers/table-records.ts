/** Collects rows of numbers into records: one column for each quantity. */
import { UserError } from '../../errors.js';
import { sizeOf } from '../../tensor/dtype.js';
import { tensor } from '../../tensor/tensor.js';
import type { Column, Label, Records } from '../reader.js';
import { NumberStore } from './number-store.js';

export interface TableColumn {
  readonly name: string;
  /** Of one row; [] for a single number. */
  readonly shape: readonly number[];
}

export interface TableFacts {
  /** What the files are, such as `CSV`. */
  readonly kind: string;
  /** The name of the label's column. */
  readonly label?: string | undefined;
  /** What the files declare, in their order. */
  readonly classes?: readonly Label[] | undefined;
}

/** Takes one row after the other: the numbers of every column side by side. */
export class TableCollector {
  readonly #columns: readonly (TableColumn & { readonly start: number })[];
  readonly #width: number;
  readonly #values = new NumberStore();
  readonly #labels: Label[] = [];
  /** The same words again and again are held once. */
  readonly #known = new Map<Label, Label>();
  #count = 0;

  constructor(columns: readonly TableColumn[]) {
    let start = 0;
    this.#columns = columns.map((column) => {
      const placed = { ...column, start };
      start += sizeOf(column.shape);
      return placed;
    });
    this.#width = start;
  }

  get count(): number {
    return this.#count;
  }

  add(values: Iterable<number>, label: Label | undefined): void {
    for (const value of values) this.#values.push(value);
    this.#count++;
    if (label === undefined) return;
    const known = this.#known.get(label);
    if (known === undefined) this.#known.set(label, label);
    this.#labels.push(known ?? label);
  }

  /** @throws UserError when there is no row. */
  finish({ kind, label, classes }: TableFacts, where: string): Records {
    if (this.#count === 0) throw new UserError(where, 'expected rows, got none; the file has no data');
    const quantities = `${this.#columns.length} column${this.#columns.length === 1 ? '' : 's'}`;
    const told = label === undefined ? '' : ` and the label in '${label}'`;
    return {
      count: this.#count,
      columns: new Map(this.#columns.map(({ name, shape, start }) => [name, this.#column(shape, start)])),
      ...(label !== undefined && { labels: this.#labels }),
      ...(classes && { classes }),
      description: `${kind}: ${this.#count} rows of ${quantities}${told}`,
    };
  }

  #column(shape: readonly number[], start: number): Column {
    const size = sizeOf(shape);
    return {
      dtype: 'float64',
      shape,
      ...(shape.length === 0 && { role: 'feature' }),
      read: (rows) => {
        const values = new Float64Array(rows.length * size);
        for (const [i, row] of rows.entries()) values.set(this.#values.read(row * this.#width + start, size), i * size);
        return tensor('float64', [rows.length, ...shape], values);
      },
    };
  }
}
