/** Collects series, of equal or unequal length, into records. */
import { UserError } from '../../errors.js';
import { float32, type Tensor, tensor } from '../../tensor/tensor.js';
import type { Column, Label, Records } from '../reader.js';
import { NumberStore } from './number-store.js';
import { numberFrom } from './numbers.js';

export interface SeriesFacts {
  /** What the files declare, in their order. */
  readonly classes?: readonly Label[] | undefined;
  /** What the files are, such as `UCR series`. */
  readonly kind: string;
}

/** Takes one record after the other; the values of each stay together. */
export class SeriesCollector {
  readonly #values = new NumberStore();
  readonly #starts: number[] = [];
  readonly #lengths: number[] = [];
  readonly #labels: Label[] = [];
  #channels: number | undefined;

  /**
   * @param channels the numbers of each channel.
   * @throws UserError when there are fewer or more channels than before, or they differ in length.
   */
  add(channels: readonly (readonly number[])[], label: Label | undefined, where: string): void {
    this.#channels ??= channels.length;
    if (channels.length !== this.#channels) {
      throw new UserError(
        where,
        `expected ${dimensions(this.#channels)} as before, got ${channels.length}; give series of the same dimensions`,
      );
    }
    const length = channels[0]?.length ?? 0;
    const other = channels.findIndex((values) => values.length !== length);
    if (other >= 0) {
      throw new UserError(
        where,
        `expected dimensions of one length, got ${length} values in the first and ${channels[other]?.length} in dimension ${other + 1}; pad or cut them first`,
      );
    }
    if (length === 0) throw new UserError(where, 'expected at least one value, got an empty series; leave it out');
    this.#starts.push(this.#values.length);
    this.#lengths.push(length);
    if (label !== undefined) this.#labels.push(label);
    for (const values of channels) for (const value of values) this.#values.push(value);
  }

  /**
   * As `add`, for archives that fill short series up: NaN at the end of all channels is no value.
   * @param missing stands in for NaN elsewhere.
   */
  addPadded(
    channels: readonly (readonly number[])[],
    label: Label | undefined,
    missing: number | undefined,
    where: string,
  ): void {
    const ends = channels.map((values) => values.findLastIndex((value) => !Number.isNaN(value)) + 1);
    const length = ends.reduce((most, end) => Math.max(most, end), 0);
    const kept = channels.map((values, dimension) =>
      values
        .slice(0, length)
        .map((value, i) => numberFrom(value, missing, () => `${where}: dimension ${dimension + 1}, value ${i + 1}`)),
    );
    this.add(kept, label, where);
  }

  /** @throws UserError when nothing was added. */
  finish({ classes, kind }: SeriesFacts, where: string): Records {
    const count = this.#lengths.length;
    const channels = this.#channels;
    if (channels === undefined) throw new UserError(where, 'expected series, got none; the data part is empty');
    const longest = this.#lengths.reduce((most, length) => Math.max(most, length), 0);
    const shortest = this.#lengths.reduce((least, length) => Math.min(least, length), longest);
    const lengths = shortest === longest ? `of ${longest} values` : `of ${shortest} to ${longest} values, zeros after`;
    const extents = shortest === longest ? undefined : this.#extents(longest);
    return {
      count,
      columns: new Map<string, Column>([
        ['series', this.#series(channels, longest, extents?.lengths)],
        ...Object.entries(extents ?? {}),
      ]),
      ...(this.#labels.length === count && { labels: this.#labels }),
      ...(classes && { classes }),
      description: `${kind}: ${count} series of ${dimensions(channels)} ${lengths}`,
    };
  }

  #series(channels: number, longest: number, lengths: Column | undefined): Column {
    const read = (rows: Uint32Array): Tensor => {
      const padded = new Float32Array(rows.length * channels * longest);
      rows.forEach((row, i) => {
        const length = this.#lengths[row] as number;
        const values = this.#values.read(this.#starts[row] as number, channels * length);
        for (let c = 0; c < channels; c++) {
          padded.set(values.subarray(c * length, (c + 1) * length), (i * channels + c) * longest);
        }
      });
      return float32([rows.length, channels, longest], padded);
    };
    const shape = [channels, longest];
    return { dtype: 'float32', shape, axes: ['channel', 'length'], ...(lengths && { lengths }), read };
  }

  /** How long each series is, and where it has values. */
  #extents(longest: number): Readonly<Record<'lengths' | 'mask', Column>> {
    const lengthsOf = (rows: Uint32Array): number[] => Array.from(rows, (row) => this.#lengths[row] as number);
    const maskOf = (rows: Uint32Array): Tensor => {
      const mask = new Float32Array(rows.length * longest);
      for (const [i, length] of lengthsOf(rows).entries()) mask.fill(1, i * longest, i * longest + length);
      return float32([rows.length, longest], mask);
    };
    return {
      lengths: {
        dtype: 'int64',
        shape: [],
        role: 'extent',
        read: (rows) => tensor('int64', [rows.length], BigInt64Array.from(lengthsOf(rows), BigInt)),
      },
      mask: { dtype: 'float32', shape: [longest], axes: ['length'], role: 'extent', read: maskOf },
    };
  }
}

const dimensions = (count: number): string => `${count} dimension${count === 1 ? '' : 's'}`;
