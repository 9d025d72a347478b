/** Where reconstructions are made and compared: rows of numbers of about equal size. */
import { restored, standardised } from './parts.mjs';

/** Columns of a table, each of mean 0 and deviation 1 over the training rows. */
export const columns = {
  enter: (g, x, { moments }) => standardised(g, x, moments),
  leave: (g, x, { moments }) => restored(g, x, moments),
  /** What counts as 1. */
  unit: ({ deviation }, column) => deviation[column],
};

/** Pictures of values in [0, 1], pixel after pixel. */
export const pixels = {
  enter: (g, x) => g.op('Flatten', [x], { axis: 1 }),
  leave: (g, x, { shape }) => g.reshape(g.op('Sigmoid', [x]), [0, ...shape]),
  unit: () => 1,
};
