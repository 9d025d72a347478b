/** The bundled classifier of series: a fully convolutional network (Wang, Yan, Oates, arXiv 1611.06455), from Cylinder-Bell-Funnel. */

/** Words of `scalpel`, in the root of the project. One thread, as sums depend on how they are split. */
export const cbfFcnCommand = [
  'train',
  ...['--data', 'calibration/cbf-train.tsv', '--test', 'calibration/cbf-test.tsv', '--algorithm', 'supervised'],
  ...['--width', '64', '--standardise', 'z:training', '--threads', '1', '--provider', 'cpu', '--output', 'out/cbf-fcn'],
];
