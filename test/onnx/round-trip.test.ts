import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Model, Value } from '../../src/ir/types.js';
import { load } from '../../src/onnx/load.js';
import { save } from '../../src/onnx/save.js';
import { nodeTests, sharedModels, temporaryFolder } from '../helpers/onnx-files.js';
import { rewritten, touchModel } from '../helpers/touch.js';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const groups = [
  ['the ONNX node tests', nodeTests()],
  ['the shared models', sharedModels()],
] as const;

/** Names of the files for which the model made from them is not saved byte for byte. */
async function changed(paths: readonly string[], edit: (model: Model) => Model): Promise<string[]> {
  const target = join(folder, 'saved.onnx');
  const differing: string[] = [];
  for (const path of paths) {
    await save(edit(load(path)), target, { force: true });
    if (!readFileSync(target).equals(readFileSync(path))) differing.push(path);
  }
  return differing;
}

/** Through a file: taps every inner value, saves, loads, removes the taps again. */
async function tapped(paths: readonly string[]): Promise<string[]> {
  const target = join(folder, 'tapped.onnx');
  const differing: string[] = [];
  for (const path of paths) {
    const model = load(path);
    const inner = model.graph.nodes.flatMap((node) => node.outputs.filter((value): value is Value => value !== null));
    const added = inner.filter((value) => !model.graph.outputs.includes(value));
    await save({ ...model, graph: { ...model.graph, outputs: [...model.graph.outputs, ...added] } }, target, {
      force: true,
    });
    const again = load(target);
    const names = new Set(added.map(({ name }) => name));
    const outputs = again.graph.outputs.filter(({ name }) => !names.has(name));
    expect(again.graph.outputs.length - outputs.length).toBe(added.length);
    await save({ ...again, graph: { ...again.graph, outputs } }, target, { force: true });
    if (!readFileSync(target).equals(readFileSync(path))) differing.push(path);
  }
  return differing;
}

describe.each(groups)('%s', (_, paths) => {
  describe.skipIf(paths.length === 0)('keep every byte', () => {
    test('when loaded and saved', async () => expect(await changed(paths, (model) => model)).toEqual([]));

    test('when every object of the graph was replaced by an equal one', async () =>
      expect(await changed(paths, (model) => touchModel(model))).toEqual([]));

    // holds because these files are in canonical form
    test('when every tensor is written again with the values it had', async () =>
      expect(await changed(paths, (model) => touchModel(model, rewritten))).toEqual([]));

    test('when all inner values became outputs and were taken back', async () =>
      expect(await tapped(paths)).toEqual([]));
  });
});
