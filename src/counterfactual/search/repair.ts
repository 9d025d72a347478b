/** repair: a counterfactual by moves of single features, where slopes lead nowhere: through a flat model, or over categories. */
import type { Judged } from '../../oracle/trial.js';
import { changedFeatures, fromUnits, moves, projectLinear, type Schema, toUnits } from '../../schema/index.js';
import type { Case } from '../case.js';

export interface RepairOptions {
  /** Values tried of a number; levels and categories are tried all. */
  readonly grid?: number;
  /** Features that are moved at most, one after the other. */
  readonly rounds?: number;
}

/** Points asked about at once. */
const mostAtOnce = 20_000;

/**
 * From each instance, every value of every feature is proposed, and where none reaches the goal the one that comes nearest is kept for
 * the next round. So what one feature can do, up to the grid, is always found. Where no move comes nearer than none at all, as in a
 * flat part of the model, pairs of features are moved to the ends of what they may be. Without a schema there are no moves.
 */
export async function repair(
  asked: Case,
  rows: readonly number[],
  { grid = 16, rounds = 4 }: RepairOptions = {},
): Promise<void> {
  const { schema } = asked.features;
  if (!schema) return;
  const starts = rows.flatMap((row) =>
    startsOf(schema, asked.input(row)).map((values): Place => ({ row, values, margin: 0 })),
  );
  const { margins } = await proposed(asked, schema, starts);
  let open = starts.map((place, j) => ({ ...place, margin: margins[j]! }));
  for (let round = 0; round < rounds && open.length > 0; round++) {
    const reached = await nearestOf(asked, schema, open, (place) => singles(asked, schema, place, grid));
    const isStuck = ({ row }: Place, j: number): boolean =>
      !asked.found(row) && !(reached[j]! && reached[j]!.margin < open[j]!.margin);
    const stuck = open.filter(isStuck);
    await nearestOf(asked, schema, stuck, (place) => pairs(asked, schema, place));
    open = reached.flatMap((place, j) => (place && !asked.found(place.row) && !isStuck(open[j]!, j) ? [place] : []));
  }
}

/** The instance as it is, and where it breaks a constraint itself the nearest row that breaks none. */
function startsOf(schema: Schema, input: Float32Array): number[][] {
  const own = toUnits(schema, input);
  const mended = projectLinear(schema, input, input);
  const isMended = typeof mended !== 'string' && changedFeatures(schema, input, mended).length > 0;
  return isMended ? [own, toUnits(schema, mended)] : [own];
}

function proposed(asked: Case, schema: Schema, places: readonly Omit<Place, 'margin'>[]): Promise<Judged> {
  const points = new Float32Array(places.length * asked.size);
  places.forEach(({ row, values }, i) => {
    const units = fromUnits(schema, values, asked.input(row));
    asked.place(units, row, points.subarray(i * asked.size, (i + 1) * asked.size));
  });
  return asked.propose(
    points,
    places.map(({ row }) => row),
  );
}

interface Place {
  readonly row: number;
  /** In units, a feature each. */
  readonly values: readonly number[];
  readonly margin: number;
}

/** Of what may be tried from each place, what comes nearest to the goal; undefined where there is nothing to try. */
async function nearestOf(
  asked: Case,
  schema: Schema,
  places: readonly Place[],
  triesFrom: (place: Place) => readonly (readonly number[])[],
): Promise<(Place | undefined)[]> {
  const best: (Place | undefined)[] = places.map(() => undefined);
  let waiting: { readonly j: number; readonly row: number; readonly values: readonly number[] }[] = [];
  const ask = async (): Promise<void> => {
    const { margins } = await proposed(asked, schema, waiting);
    waiting.forEach(({ j, row, values }, i) => {
      if (!best[j] || margins[i]! < best[j]!.margin) best[j] = { row, values, margin: margins[i]! };
    });
    waiting = [];
  };
  for (const [j, place] of places.entries()) {
    const tries = triesFrom(place);
    if (waiting.length + tries.length > mostAtOnce) await ask();
    for (const values of tries) waiting.push({ j, row: place.row, values });
  }
  await ask();
  return best;
}

const changed = (values: readonly number[], f: number, value: number): number[] =>
  values.map((old, at) => (at === f ? value : old));

/** Every other value of every feature, that of the instance among them: what was moved may go back. */
function singles(asked: Case, schema: Schema, { row, values }: Place, grid: number): number[][] {
  const input = asked.input(row);
  return toUnits(schema, input).flatMap((own, f) =>
    [own, ...moves(schema, input, f, { grid })]
      .filter((value) => value !== values[f])
      .map((value) => changed(values, f, value)),
  );
}

/** Of numbers the two ends, of levels and categories all; none where there are too many features to pair. */
function pairs(asked: Case, schema: Schema, { row, values }: Place): number[][] {
  const ends = schema.features.map((_, f) => moves(schema, asked.input(row), f, { grid: 2 }));
  const all = ends.reduce((sum, each) => sum + each.length, 0);
  if (all * all > 2 * mostAtOnce) return [];
  return ends.flatMap((own, f) =>
    own.flatMap((value) =>
      ends
        .slice(f + 1)
        .flatMap((other, after) => other.map((second) => changed(changed(values, f, value), f + 1 + after, second))),
    ),
  );
}
