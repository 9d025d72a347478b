/** The bundled classifier of series: a fully convolutional network (Wang, Yan, Oates, arXiv 1611.06455), from Cylinder-Bell-Funnel. */

/**
 * Words of `scalpel`, in the root of the project. Settings of training are all said, as defaults may change; one thread, as sums
 * depend on how they are split.
 */
export const cbfFcnCommand = [
  'train',
  ...['--data', 'calibration/cbf-train.tsv', '--test', 'calibration/cbf-test.tsv', '--algorithm', 'supervised'],
  ...['--width', '64', '--standardise', 'z:training', '--steps', '1000', '--every', '50', '--augment', '3,1'],
  ...['--threads', '1', '--provider', 'cpu', '--output', 'out/cbf-fcn'],
];
