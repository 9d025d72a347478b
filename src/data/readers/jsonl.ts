/** JSON lines: each line an object with the same fields of numbers or arrays of numbers. */
import { UserError } from '../../errors.js';
import type { Label, Reader, ReaderOptions } from '../reader.js';
import { numberFrom, shortened } from './numbers.js';
import { selectColumns, usualLabel } from './select-columns.js';
import { TableCollector, type TableColumn } from './table-records.js';
import { textLines } from './text-lines.js';

export const jsonl: Reader = {
  suffixes: [],
  async read(files, options) {
    let fields: Fields | undefined;
    for (const path of files) {
      for await (const { text, line } of textLines(path)) {
        if (text.trim() === '') continue;
        const where = `${path}:${line}`;
        const record = parseObject(text, where);
        fields ??= fieldsOf(record, options, where);
        const { table, columns, label } = fields;
        const numbers = columns.flatMap(({ name, shape }) =>
          numbersIn(fieldOf(record, name, where), shape, options.missing, `${where}: field '${name}'`),
        );
        table.add(numbers, label === undefined ? undefined : labelIn(record, label, options, where));
      }
    }
    if (!fields) throw new UserError(files[0] ?? 'data', 'expected JSON objects, got none; the file is empty');
    return fields.table.finish({ kind: 'JSON lines', label: fields.label }, files[0] as string);
  },
};

interface Fields {
  readonly table: TableCollector;
  readonly columns: readonly TableColumn[];
  readonly label: string | undefined;
}

/** What the first record holds is what all hold. */
function fieldsOf(record: Readonly<Record<string, unknown>>, options: ReaderOptions, where: string): Fields {
  const names = Object.keys(record);
  const { label, features } = selectColumns(names, { ...options, label: options.label ?? usualLabel(names) }, where);
  const columns = features.map((column) => {
    const name = names[column] as string;
    return { name, shape: shapeOf(record[name]) };
  });
  return { table: new TableCollector(columns), columns, label: label === undefined ? undefined : names[label] };
}

function parseObject(text: string, where: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new UserError(where, `expected JSON, got ${shortened((cause as Error).message)}; mend the line`, { cause });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new UserError(where, `expected an object with fields, got '${shortened(text)}'; write one object a line`);
}

function fieldOf(record: Readonly<Record<string, unknown>>, name: string, where: string): unknown {
  if (Object.hasOwn(record, name)) return record[name];
  throw new UserError(where, `expected the field '${name}', as in the first record, got none; add it`);
}

/** Deeper arrays than tensors have axes are not followed. */
const mostAxes = 8;

function shapeOf(value: unknown): number[] {
  const shape: number[] = [];
  for (let part = value; Array.isArray(part) && shape.length < mostAxes; part = part[0]) shape.push(part.length);
  return shape;
}

function numbersIn(
  value: unknown,
  shape: readonly number[],
  missing: number | undefined,
  where: string,
): readonly number[] {
  const [size, ...rest] = shape;
  if (size === undefined) return [numberOf(value, missing, where)];
  if (!Array.isArray(value) || value.length !== size) {
    const got = Array.isArray(value) ? value.length : shortened(JSON.stringify(value));
    throw new UserError(
      where,
      `expected an array of ${size}, as in the first record, got ${got}; make all of one size`,
    );
  }
  return value.flatMap((part) => numbersIn(part, rest, missing, where));
}

function numberOf(value: unknown, missing: number | undefined, where: string): number {
  if (typeof value === 'number' || value === null) return numberFrom(value ?? Number.NaN, missing, () => where);
  if (typeof value === 'boolean') return Number(value);
  const got = shortened(JSON.stringify(value));
  throw new UserError(
    where,
    `expected a number, got ${got}; leave the field out with --columns, or name it --label-column`,
  );
}

function labelIn(
  record: Readonly<Record<string, unknown>>,
  name: string,
  { partlyLabelled }: ReaderOptions,
  where: string,
): Label {
  const value = fieldOf(record, name, where);
  if (partlyLabelled && (value === null || value === '')) return '';
  if (typeof value === 'number' || (typeof value === 'string' && value !== '')) return value;
  if (typeof value === 'boolean') return Number(value);
  throw new UserError(where, `field '${name}': expected a label, got ${shortened(JSON.stringify(value))}; fill it in`);
}
