/** The script that trains small networks: on the bundled table of irises. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { networks } from '../../scripts/train/index.mjs';
import { trainAndSave } from '../../scripts/train/train.mjs';
import { load } from '../../src/onnx/load.js';

const folder = mkdtempSync(join(tmpdir(), 'scalpel-train-'));
const bundled = fileURLToPath(new URL('../../models/iris/model.onnx', import.meta.url));

test('a few epochs beat chance, and a seed gives the same bytes again', async () => {
  const [first, again] = ['first', 'again'].map((name) => join(folder, `${name}.onnx`));
  const { accuracy, majority, held, trained } = await trainAndSave(networks.iris!, first!, { epochs: 5 });
  expect([held, trained]).toEqual([30, 120]);
  expect(accuracy).toBeGreaterThan(majority + 0.3);
  await trainAndSave(networks.iris!, again!, { epochs: 5 });
  expect(readFileSync(again!).equals(readFileSync(first!))).toBe(true);
});

test('the bundled network is what the script makes', () => {
  const { graph } = load(bundled);
  expect(graph.inputs.map(({ name, type }) => [name, type?.shape])).toEqual([['input', ['batch', 4]]]);
  expect([...graph.initializers.keys()].map(({ name }) => name)).toEqual([
    ...['net/mean', 'net/scale', 'net/fc1.weight', 'net/fc1.bias'],
    ...['net/fc2.weight', 'net/fc2.bias', 'net/head.weight', 'net/head.bias'],
  ]);
});
