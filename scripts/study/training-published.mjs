/** Weighted AUC by number of labels of Goschenhofer et al. (arXiv 2102.03622), digitised from a figure: within 0.002 to 0.005. */
const budgets = [50, 100, 250, 500];
const table = {
  Crop: {
    supervised: [0.811, 0.911, 0.939, null],
    mixmatch: [0.91, 0.938, 0.957, 0.964],
    vat: [0.88, 0.919, 0.949, 0.96],
    'mean-teacher': [0.853, 0.9, null, 0.959],
    ladder: [0.797, 0.801, 0.793, 0.786],
    'self-supervised': [0.869, 0.903, 0.928, 0.943],
    'random-forest': [0.881, null, 0.939, 0.95],
    'logistic-regression': [0.846, null, 0.911, 0.927],
  },
  ElectricDevices: {
    supervised: [0.779, 0.841, 0.864, 0.903],
    mixmatch: [0.862, 0.884, 0.91, 0.917],
    vat: [0.832, 0.871, 0.898, 0.907],
    'mean-teacher': [0.692, 0.799, 0.798, 0.864],
    ladder: [0.815, 0.821, 0.851, 0.851],
    'self-supervised': [0.832, 0.854, 0.89, null],
    'random-forest': [0.878, 0.893, 0.918, 0.928],
    'logistic-regression': [0.77, 0.817, null, 0.898],
  },
};

/** undefined where the figure shows none. */
export const published = (set, method, labels) => table[set][method]?.[budgets.indexOf(labels)] ?? undefined;
