/**
 * Boston Housing: 506 districts by 12 measures, without CHAS, as counterfactual studies have it. Either whether the median price reaches
 * 20,000 dollars (1) or not (0), or the price itself in thousands of dollars.
 */
import { mlp, regressor } from './mlp.mjs';
import { cellsOf, samplesOf, tableAt } from './tables.mjs';

const path = tableAt('boston_house_prices.csv');
const isKept = (name) => name !== 'CHAS';

/** The first line holds sizes, the second quoted names. */
const named = () => cellsOf(path)[1].map((cell) => cell.replaceAll('"', ''));

function prices() {
  const names = named();
  return samplesOf(
    cellsOf(path)
      .slice(2)
      .map((row) => row.filter((_, i) => isKept(names[i]))),
  );
}

const table = {
  files: [path],
  features: 12,
  columns: () => named().slice(0, -1).filter(isKept),
  hidden: [20, 20],
  rate: 0.005,
  decay: 0.1,
};

export const boston = mlp({
  ...table,
  classes: 2,
  epochs: 80,
  batch: 32,
  samples() {
    const { x, y } = prices();
    return { x, y: y.map((price) => Number(price >= 20)) };
  },
});

export const bostonPrice = regressor({ ...table, output: 'price', samples: prices, epochs: 200, rate: 0.003 });
