/** Series and features as a model's input has them: scaled, padded or cut to its length, its axes in its order. */
import { UserError } from '../../errors.js';
import type { Value } from '../../ir/types.js';
import { floatsOf } from '../../tensor/convert.js';
import { type DataType, dataTypes, type TypedArray } from '../../tensor/dtype.js';
import { dataOf, type Tensor, tensor } from '../../tensor/tensor.js';
import type { Column } from '../reader.js';
import { type Extent, extentOf, type SeriesLayout, seriesLayout } from './series-layout.js';
import { describeStandardise, type Scale, type Standardise, scaleCollector, scaleFrom } from './standardise.js';

export interface SeriesOptions {
  readonly standardise?: Standardise | undefined;
  /** By the figures of another file: one scale a channel of the input. */
  readonly scales?: ReadonlyMap<Value, readonly Scale[]> | undefined;
  /** Leaves out the end of series that are longer than the model's input. */
  readonly cut?: boolean | undefined;
}

export interface SeriesFeed {
  readonly column: Column;
  /** What was done, for the report. */
  readonly description?: string;
}

/** Whether a column says what its axes are, or is a feature of a table. */
export const isSeries = ({ axes, role }: Column): boolean => axes !== undefined || role !== undefined;

/**
 * The column in the shape of the input; where a series ends before the input does, zeros follow whatever the scale.
 * @throws UserError when the input takes other sizes, shorter series, or whole numbers where there are others.
 */
export function seriesFeed(input: Value, column: Column, options: SeriesOptions, where: string): SeriesFeed {
  const layout = seriesLayout(input, extentOf(column), where);
  const { extent } = layout;
  if (layout.length < extent.length && !options.cut) {
    throw new UserError(
      where,
      `expected series of at most ${layout.length} values, which the input '${input.name}' has, got ${extent.length}; cut them with --cut-series`,
    );
  }
  const scale = column.role === 'extent' ? undefined : scaling(input, extent, options, where);
  const dtype = storedType(input.type?.dtype ?? 'float32');
  const read = (rows: Uint32Array): Tensor => {
    const lengths = column.lengths && Array.from(dataOf(column.lengths.read(rows)) as BigInt64Array, Number);
    const values = arrange(numbersOf(column.read(rows)), rows.length, lengths, layout, scale);
    return tensor(dtype, [rows.length, ...layout.shape], retyped(values, dtype, where));
  };
  const said = describe(column, layout, options);
  return { column: { dtype, shape: layout.shape, read }, ...(said && { description: said }) };
}

export const numbersOf = (array: Tensor): ArrayLike<number> =>
  array.dtype === 'float64' ? (dataOf(array) as Float64Array) : floatsOf(array);

/** The scale of one channel, given the values it has in one record. */
type Scaling = (values: Float64Array, channel: number) => Scale;

function scaling(
  input: Value,
  { channels, length }: Extent,
  { standardise, scales }: SeriesOptions,
  where: string,
): Scaling | undefined {
  if (!standardise) return undefined;
  const { kind, over } = standardise;
  if (over === 'each') {
    if (length > 1) {
      return (values) => {
        const collector = scaleCollector(kind);
        values.forEach(collector.add);
        return collector.scale();
      };
    }
    throw new UserError(
      where,
      `expected ${kind}:FILE or ${kind}:NUMBER,NUMBER for single numbers, got ${kind} alone; say by what it is scaled`,
    );
  }
  if ('numbers' in over) {
    const scale = scaleFrom(standardise, over.numbers);
    return () => scale;
  }
  const found = scales?.get(input) ?? [];
  if (found.length === channels) return (_, channel) => found[channel] as Scale;
  throw new UserError(
    over.file,
    `expected ${channels} channels, as in ${where}, got ${found.length}; give a file of the same channels`,
  );
}

/** [rows, channels, length] to the rows of the layout, one after the other. */
function arrange(
  values: ArrayLike<number>,
  rows: number,
  lengths: readonly number[] | undefined,
  { extent: { channels, length }, length: room, shape, stepsFirst }: SeriesLayout,
  scale: Scaling | undefined,
): Float64Array {
  const width = shape.reduce((product, size) => product * size, 1);
  const arranged = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const filled = lengths?.[row] ?? length;
    for (let channel = 0; channel < channels; channel++) {
      const start = (row * channels + channel) * length;
      const own = Float64Array.from({ length: filled }, (_, step) => values[start + step] as number);
      const { offset, divisor } = scale?.(own, channel) ?? identity;
      for (let step = 0; step < Math.min(filled, room); step++) {
        const place = stepsFirst ? step * channels + channel : channel * room + step;
        arranged[row * width + place] = ((own[step] as number) - offset) / divisor;
      }
    }
  }
  return arranged;
}

const identity: Scale = { offset: 0, divisor: 1 };

/** Half precision is rounded once, by whoever fits columns to inputs. */
const storedType = (dtype: DataType): DataType => (dataTypes[dtype].isFloat && dtype !== 'float64' ? 'float32' : dtype);

/** @throws UserError for a number that an integer input cannot take. */
function retyped(values: Float64Array, dtype: DataType, where: string): TypedArray {
  if (dtype === 'float64') return values;
  if (dtype === 'float32') return Float32Array.from(values);
  const wrong = values.find((value) => !Number.isSafeInteger(value));
  const { array } = dataTypes[dtype];
  const stored = new array(values.length);
  if (wrong === undefined) {
    const isWide = stored instanceof BigInt64Array || stored instanceof BigUint64Array;
    for (const [i, value] of values.entries()) stored[i] = (isWide ? BigInt(value) : value) as never;
  }
  const lost = wrong ?? values.find((value, i) => Number(stored[i]) !== value);
  if (lost === undefined) return stored;
  throw new UserError(where, `expected whole numbers that ${dtype} can hold, got ${lost}; round or scale them first`);
}

function describe({ axes }: Column, layout: SeriesLayout, { standardise, cut }: SeriesOptions): string | undefined {
  const { length } = layout.extent;
  const isWhole = axes?.includes('channel');
  const order = layout.stepsFirst ? '[length, channels]' : '[channels, length]';
  const parts = [
    axes?.length === 2 && layout.shape.length === 2 ? `fed as ${order} = [${layout.shape.join(', ')}]` : '',
    isWhole && layout.length > length && length > 1 ? `zeros after ${length} values` : '',
    isWhole && cut && layout.length < length ? `cut to ${layout.length} values` : '',
    isWhole && standardise ? describeStandardise(standardise) : '',
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(', ') : undefined;
}
