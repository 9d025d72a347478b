/** What the counterfactual study explains: models with instances, what they are compared with, and schemas. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openGround } from '../../dist/counterfactual/ground/ground.js';
import { openSamples } from '../../dist/data/index.js';
import { load } from '../../dist/onnx/load.js';
import { boundsOf } from '../../dist/oracle/bounds.js';
import { concatenated } from '../../dist/oracle/packed.js';
import { companionsFrom } from '../../dist/pipeline/explain/companions.js';
import { openDrawn } from '../../dist/pipeline/open-data.js';
import { workingCopy } from '../../dist/pipeline/working-copy.js';
import { loadSchema, observedIn, schemaFrom } from '../../dist/schema/index.js';
import { networks } from '../train/index.mjs';
import { saveSplit } from '../train/split.mjs';
import { trainAndSave } from '../train/train.mjs';

const runs = { batch: 128, threads: 1 };
const mostInstances = 100;

/** Held-out rows of a table against the network of that seed; the rows that it was trained on say what is plausible. */
export async function groundOfTable(root, name, seed) {
  const stem = await trained(root, name, seed);
  return grounded(`${stem}.onnx`, `${stem}-test.csv`, `${stem}-train.csv`, 'label', {
    most: mostInstances,
    schema: (columns, observed) => schemaFrom(columns, observed),
    companions: companionsOf(stem, networks[`${name}-ae`].apart),
  });
}

/** The first held-out digits, each to become the next one, as in the paper; 5,000 of those trained on say what is plausible. */
export async function groundOfDigits(root, seed) {
  const stem = await trained(root, 'mnist', seed);
  const model = `${stem}.onnx`;
  const graph = workingCopy(load(model).graph);
  const open = (part) => openSamples(graph, [`${stem}-${part}.npz`], { model });
  const train = await openDrawn(graph, model, { files: [`${stem}-train.npz`], seed }, 5000);
  return openGround(graph, await open('test'), { goal: { kind: 'offset', by: 1 } }, runs, {
    most: mostInstances,
    reference: train,
    bounds: ({ network }) => boundsOf([[0, 1]], network.space, 'of the pixels'),
    companions: companionsOf(stem, networks['mnist-ae'].apart),
  });
}

/** Trains what is not there yet: the network, autoencoders of all samples and of each class, and a variational one. @returns the stem of their names. */
async function trained(root, name, seed) {
  const folder = join(root, 'out', `small-${seed}`);
  const stem = join(folder, name);
  mkdirSync(folder, { recursive: true });
  const isSaved = ['csv', 'npz'].some((kind) => existsSync(`${stem}-train.${kind}`));
  if (!isSaved) saveSplit(networks[name], stem, { seed });
  const each = [
    [name, ''],
    [`${name}-ae`, ''],
    ...Array.from({ length: networks[`${name}-ae`].apart }, (_, only) => [`${name}-ae`, `-class${only}`, { only }]),
    [`${name}-vae`, '', {}, '-decoder'],
  ];
  for (const [network, suffix, options, last = ''] of each)
    if (!existsSync(join(folder, `${network}${suffix}${last}.onnx`)))
      await trainAndSave(networks[network], join(folder, `${network}${suffix}.onnx`), { seed, ...options });
  return stem;
}

const companionsOf = (stem, classes) => (network, bounds) =>
  companionsFrom(
    {
      autoencoder: `${stem}-ae.onnx`,
      encoder: `${stem}-vae-encoder.onnx`,
      decoder: `${stem}-vae-decoder.onnx`,
      perClass: Object.fromEntries(Array.from({ length: classes }, (_, c) => [c, `${stem}-ae-class${c}.onnx`])),
    },
    { network, bounds, samples: {} },
  );

const schemas = {
  adult: {
    file: 'adult.yaml',
    test: 'adult_test_encoded.csv',
    train: 'adult_train_encoded.csv',
    label: 'income',
    most: 1000,
  },
  'give-me-some-credit': {
    file: 'give-me-some-credit.yaml',
    test: 'give_me_some_credit_test_encoded.csv',
    train: 'give_me_some_credit_test_encoded.csv',
    label: 'SeriousDlqin2yrs',
  },
};

/** Instances that CARLA's network says class 0 of, under the schema in docs/schemas; the first 5,000 rows say what is plausible. */
export function groundUnderSchema(root, shared, name, kind = 'ann') {
  const { file, test, train, label, most } = schemas[name];
  const table = (csv) => join(shared, 'data/tabular', csv);
  const model = join(shared, 'models/tabular', `${name.replaceAll('-', '_')}_${kind}.onnx`);
  return grounded(model, table(test), table(train), label, {
    most,
    goal: { kind: 'class', label: 1 },
    from: 0,
    samples: 5000,
    schema: (columns, observed) => loadSchema(join(root, 'docs/schemas', file), columns, observed),
  });
}

async function grounded(model, test, train, label, { schema, samples, goal = { kind: 'other' }, ...options }) {
  const graph = workingCopy(load(model).graph);
  const open = (file, most) => openSamples(graph, [file], { model, label, ...(most && { samples: most }) });
  const instances = await open(test);
  return openGround(graph, instances, { goal }, runs, {
    ...options,
    reference: await open(train, samples),
    schema: ({ network, rows }) => {
      const columns = instances.features.get(network.moving.name);
      return schema(columns, observedIn(concatenated(rows), columns.length));
    },
  });
}

/** The first series of a UCR set, scaled as its network was trained on. */
export async function groundOfSeries(shared, name, most) {
  const model = join(shared, 'models/fcn-ucr', `${name}_fcn.onnx`);
  const graph = workingCopy(load(model).graph);
  const samples = await openSamples(graph, [join(shared, 'data/ucr', name, `${name}_TEST.npy`)], {
    ...{ model, kind: 'ucr' },
    standardise: { kind: 'min-max', over: 'each' },
  });
  return openGround(graph, samples, { goal: { kind: 'other' } }, runs, {
    most,
    reference: samples,
    bounds: ({ network }) => boundsOf([[0, 1]], network.space, 'of each series'),
  });
}
