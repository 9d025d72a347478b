/** rowActions: what may be done to each feature of an instance, by a grid of its allowed values. */
import { rowAt } from '../../oracle/packed.js';
import { fromUnits, moves, toUnits } from '../../schema/index.js';
import type { Case } from '../case.js';
import { membersOf } from '../ground/features.js';

/** A point that differs from its instance in one feature, and the elements in which it does. */
export interface Move {
  readonly elements: readonly number[];
  readonly point: Float32Array;
}

/** Of each feature, those within the box of the instance. @param grid values of a number, both ends among them. */
export function rowActions(asked: Case, row: number, grid: number): Move[][] {
  const { size, features } = asked;
  const start = rowAt(asked.x, size, row);
  const members = membersOf(features);
  const tried = features.schema ? bySchema(asked, row, grid) : members.map((own) => own.flatMap(evenly));
  return tried.map((points, f) =>
    points.flatMap((point) => {
      const elements = members[f]!.filter((i) => point[i] !== start[i]);
      return elements.length > 0 ? [{ elements, point }] : [];
    }),
  );

  function evenly(i: number): Float32Array[] {
    const [low, high] = [asked.lower[row * size + i]!, asked.upper[row * size + i]!];
    return Array.from({ length: grid }, (_, k) =>
      start.map((value, at) => (at === i ? low + ((high - low) * k) / (grid - 1) : value)),
    );
  }
}

function bySchema(asked: Case, row: number, grid: number): Float32Array[][] {
  const schema = asked.features.schema!;
  const input = asked.input(row);
  const values = toUnits(schema, input);
  return schema.features.map((_, f) =>
    moves(schema, input, f, { grid }).map((value) => {
      const point = new Float32Array(asked.size);
      asked.place(fromUnits(schema, values.with(f, value), input), row, point);
      return point;
    }),
  );
}
