/** Readers: what files of one format hold, before anything is known about the model. */
import type { DataType } from '../tensor/dtype.js';
import type { Tensor } from '../tensor/tensor.js';

/** A format of files. */
export interface Reader {
  /** Ends of file names, in lower case, that tell the format; none where only `kind` can name it. */
  readonly suffixes: readonly string[];
  /**
   * @param files absolute paths, at least one, in the order given.
   * @throws UserError naming the file, and the line or record, at fault.
   */
  read(files: readonly string[], options: ReaderOptions): Promise<Records>;
}

/** What the user says about files of any format; a reader ignores what it has no use for. */
export interface ReaderOptions {
  /** The folder that was given instead of files, if one was. */
  readonly folder?: string | undefined;
  /** Path of a file that says the label of each record. */
  readonly labels?: string | undefined;
  /** The column or field that holds the label, by name or by number from 0. */
  readonly label?: string | undefined;
  /** The columns or fields wanted, by name or number, in the order of the features; absent: all but the label. */
  readonly columns?: readonly string[] | undefined;
  /** What stands between cells; absent: told from the first line. */
  readonly delimiter?: string | undefined;
  /** Whether the first line names the columns; absent: it does when no cell of it is a number. */
  readonly header?: boolean | undefined;
  /** The number that stands in for missing values; absent: they are refused. */
  readonly missing?: number | undefined;
  /**
   * Whether records may lack a label: empty, `?` and NaN are handed on as they stand, and files may lack the column. Absent: they are
   * refused.
   */
  readonly partlyLabelled?: boolean | undefined;
}

/** What an axis of a record means: whoever feeds a model may then reorder, pad or scale along it. */
export type Axis = 'channel' | 'length';

/** A label as the files say it. */
export type Label = string | number;

/** One quantity of every record. */
export interface Column {
  readonly dtype: DataType;
  /** Of one record: [] for a number, [channels, length] for a series. */
  readonly shape: readonly number[];
  /** One for each of `shape`, where the reader knows. */
  readonly axes?: readonly Axis[];
  /** int64 []: how far each record has values along `length`, where that differs; zeros follow. */
  readonly lengths?: Column;
  /**
   * `feature`: a cell of a table, which together with the others, in their order, feeds one input that none is named after. `extent`: it
   * says where another column has values, and feeds only an input of its name.
   */
  readonly role?: 'feature' | 'extent';
  /** Names of the cells that stand side by side in one record. */
  readonly names?: readonly string[];
  /** The records of those numbers in that order, [rows.length, ...shape]; read or decoded when asked for. */
  read(rows: Uint32Array): Tensor;
}

/** Pictures of every record: their sizes may differ until they are preprocessed. */
export interface Pictures {
  /** Height, width and channels, where all records have the same. */
  readonly size?: readonly [height: number, width: number, channels: number];
  /** One record's picture, decoded when asked for. @throws UserError naming the file. */
  picture(row: number): Picture;
}

/** Pixels in rows from the top left, the channels of a pixel side by side: red, green, blue, or grey alone. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  /** height * width * channels values in [0, 255]. */
  readonly pixels: Uint8Array;
}

/** What a reader makes of its files. */
export interface Records {
  readonly count: number;
  readonly columns: ReadonlyMap<string, Column | Pictures>;
  /** The label of each record as the files say it: a name, a number, the name of a folder. */
  readonly labels?: readonly Label[];
  /** What the files say of all classes, in their order, whether or not each one occurs. */
  readonly classes?: readonly Label[];
  /** One sentence, for the report. */
  readonly description: string;
  /** Files read besides those given, such as one of labels. */
  readonly alsoRead?: readonly string[];
  /** The files of some records, where each record has its own. */
  filesOf?(rows: Uint32Array): readonly string[];
}

export const isPictures = (column: Column | Pictures): column is Pictures => 'picture' in column;
