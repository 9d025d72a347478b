/** Wines of three cultivars by 13 chemical measures; or the second cultivar (1) against the others (0). */
import { mlp } from './mlp.mjs';
import { afterHeader, tableAt } from './tables.mjs';

const table = {
  files: [tableAt('wine_data.csv')],
  features: 13,
  columns: () => [
    ...['alcohol', 'malic_acid', 'ash', 'alcalinity_of_ash', 'magnesium', 'total_phenols', 'flavanoids'],
    ...['nonflavanoid_phenols', 'proanthocyanins', 'color_intensity', 'hue', 'od280_od315', 'proline'],
  ],
};

export const wine = mlp({ ...table, classes: 3, hidden: [16], samples: afterHeader });

export const wineBinary = mlp({
  ...table,
  classes: 2,
  hidden: [20, 20],
  epochs: 80,
  batch: 8,
  rate: 0.005,
  decay: 0.1,
  samples(path) {
    const { x, y } = afterHeader(path);
    return { x, y: y.map((cultivar) => Number(cultivar === 1)) };
  },
});
