/** Real classifiers through the readers: the accuracies that came with them. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openSamples } from '../../src/data/open.js';
import type { SampleOptions } from '../../src/data/settings.js';
import { classification } from '../../src/evaluate/classification.js';
import { load } from '../../src/onnx/load.js';
import { shared } from '../helpers/shared.js';

async function figuresOf(model: string, data: string, options: SampleOptions) {
  const { graph } = load(model);
  return classification(graph, await openSamples(graph, [data], options), { batch: 256 });
}

/** As the files round it. */
const rounded = (fraction: number): number => Math.round(fraction * 1e4) / 1e4;

describe('FCNs on UCR series, scaled by the range of their training part', () => {
  const facts = shared('models/fcn-ucr/accuracy.json');
  const nets: { name: string; file: string; ntest: number; acc: { train_minmax: number } }[] = facts
    ? JSON.parse(readFileSync(facts, 'utf8'))
    : [];
  test.each(nets)('$name', async ({ name, file, ntest, acc }) => {
    const part = (which: string): string => shared(`data/ucr/${name}/${name}_${which}.npy`) as string;
    const figures = await figuresOf(shared(`models/fcn-ucr/${file}`) as string, part('TEST'), {
      kind: 'ucr',
      standardise: { kind: 'min-max', over: { file: part('TRAIN') } },
    });
    expect([rounded(figures.top1), figures.samples]).toEqual([acc.train_minmax, ntest]);
  });
});

describe('networks on tables', () => {
  const facts = shared('models/tabular/accuracy.json');
  const nets: Record<string, { acc: number; ntest: number }> = facts ? JSON.parse(readFileSync(facts, 'utf8')) : {};
  test.each(Object.entries(nets))('%s', async (name, { acc, ntest }) => {
    const isAdult = name.startsWith('adult');
    const data = shared(`data/tabular/${isAdult ? 'adult' : 'give_me_some_credit'}_test_encoded.csv`) as string;
    const figures = await figuresOf(shared(`models/tabular/${name}.onnx`) as string, data, {
      label: isAdult ? 'income' : 'SeriousDlqin2yrs',
    });
    expect([rounded(figures.top1), figures.samples]).toEqual([acc, ntest]);
  });
});
