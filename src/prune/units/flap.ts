/** FLAP: how much what a unit gives fluctuates. */
import { type ColumnStatistics, meansOverReads, overRows, readsNothing, type UnitCriterion } from './criterion.js';

/** How a column is judged: from what it multiplies, its rows and the sums of |w| and w² over them. */
interface Metric {
  readonly name: string;
  readonly description: string;
  readonly needs: UnitCriterion['needs'];
  of(x: { readonly square: number; readonly variance: number }, w: Sums): number;
}

interface Sums {
  readonly rows: number;
  readonly absolute: number;
  readonly squares: number;
}

/**
 * FLAP: An, Zhao, Yu, Tang, Wang, Fluctuation-based adaptive structured pruning for large language models (arXiv 2312.11983). A unit that
 * hardly fluctuates can be replaced by its mean, which goes into the bias behind it; scores are standardised in each layer and compared
 * over all of them. Variances are over all samples at once, by E[x²] - E[x]², and not the recursion of the published code.
 */
const flap = ({ name, description, needs, of }: Metric): UnitCriterion => ({
  name,
  description,
  paper:
    'An, Zhao, Yu, Tang, Wang, Fluctuation-based adaptive structured pruning for large language models, arXiv 2312.11983',
  needs,
  across: 'standardised',
  isGlobal: true,
  compensates: true,
  refuses: readsNothing,
  score: (input) =>
    meansOverReads(input, (layer) => {
      const matrices = input.matricesOf(layer);
      const [absolute, squares] = [overRows(layer, matrices, Math.abs), overRows(layer, matrices, (w) => w * w)];
      const statistics = input.statisticsOf(layer);
      const { rows } = layer.layout;
      return (column) =>
        of(momentsOf(statistics, column), { rows, absolute: absolute[column]!, squares: squares[column]! });
    }),
});

const momentsOf = ({ samples, columnNorm, columnSum }: ColumnStatistics, column: number) => {
  const square = columnNorm![column]! / samples;
  const mean = columnSum![column]! / samples;
  return { square, variance: Math.max(0, square - mean * mean) };
};

export const flapIfv = flap({
  name: 'flap-ifv',
  description: 'variance of what the unit gives',
  needs: ['columnNorm', 'columnSum'],
  of: ({ variance }) => variance,
});

export const flapWifv = flap({
  name: 'flap-wifv',
  description: 'variance of what the unit gives, times the squared norm of the weights that read it',
  needs: ['columnNorm', 'columnSum'],
  of: ({ variance }, { squares }) => variance * squares,
});

export const flapWifn = flap({
  name: 'flap-wifn',
  description: 'norm of what the unit gives, times the mean weight that reads it',
  needs: ['columnNorm', 'columnSum'],
  of: ({ square }, { absolute, rows }) => (absolute / rows) * Math.sqrt(square),
});
