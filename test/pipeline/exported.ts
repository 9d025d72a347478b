/** Prunes graphs as files, and checks that nothing but the masked weights changed. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Graph, Model } from '../../src/ir/types.js';
import { load } from '../../src/onnx/load.js';
import { save } from '../../src/onnx/save.js';
import { findLayers, type Layer } from '../../src/ops/layers.js';
import { compare } from '../../src/pipeline/compare/compare.js';
import { run } from '../../src/pipeline/prune/job.js';
import type { PruneRequest } from '../../src/pipeline/prune/request.js';
import { flatCopy } from '../../src/pipeline/working-copy.js';
import type { PruneReport } from '../../src/report/prune-report.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { dataTypes } from '../../src/tensor/dtype.js';
import { encodeNpy } from '../../src/tensor/npy.js';
import { encodeNpz } from '../../src/tensor/npz.js';
import { dataOf, type Tensor } from '../../src/tensor/tensor.js';
import { tinyTokens } from '../helpers/tiny-gpt.js';
import { jobContext, newFolder, outputIn, pruneRequest } from './prune-requests.js';

export interface Exported {
  readonly folder: string;
  readonly model: string;
}

/** Writes a graph into a folder of its own. */
export async function exported(graph: Graph, irVersion = 10): Promise<Exported> {
  const folder = newFolder();
  const model = join(folder, 'model.onnx');
  await save({ graph, irVersion, producer: 'tests', metadata: new Map([['author', 'nobody']]) }, model);
  return { folder, model };
}

/** Token ids beside a model, as data for calibration and evaluation. */
export function tokensIn(folder: string, tokens: Tensor = tinyTokens()): { files: string[] } {
  const path = join(folder, 'tokens.npy');
  writeFileSync(path, encodeNpy(tokens));
  return { files: [path] };
}

/** Arrays beside a model. */
export function arraysIn(folder: string, arrays: Readonly<Record<string, Tensor>>): { files: string[] } {
  const path = join(folder, 'arrays.npz');
  writeFileSync(path, encodeNpz(new Map(Object.entries(arrays))));
  return { files: [path] };
}

export interface Result {
  readonly report: PruneReport;
  readonly before: Model;
  readonly after: Model;
  readonly said: readonly string[];
}

/** Prunes a file into a folder inside its own. */
export async function pruneFile(
  { folder, model }: Exported,
  changes: Partial<PruneRequest>,
  name: string = changes.method ?? 'wanda',
): Promise<Result> {
  const own = join(folder, name);
  mkdirSync(own, { recursive: true });
  const { calibration: _, ...rest } = pruneRequest({ model, output: { ...outputIn(own), force: true } }, own);
  const request = { ...rest, ...changes };
  const context = jobContext();
  const report = (await run(request, context)) as PruneReport;
  return { report, before: load(model), after: load(outputIn(own).model), said: context.said };
}

/** Nothing differs but the tensors of the layers that the report names. */
export async function expectOnlyLayersDiffer({ report, before, after }: Result): Promise<void> {
  const { structure, weights, fields } = await compare(before, after, { parts: ['structure', 'weights', 'fields'] });
  expect(structure).toEqual([]);
  expect(fields).toEqual([]);
  expect(weights?.different.map(({ name }) => name).sort()).toEqual(report.layers.map(({ name }) => name).sort());
}

/** Every stored element of the pruned layers is what it was, to the bit, or is +0 (the zero point); about `sparsity` are. */
export function expectMasked(result: Result, sparsity = 0.5, zeroPoint = 0): void {
  for (const [name, before, after] of storedPairs(result)) {
    let masked = 0;
    for (let i = 0; i < before.length; i++) {
      if (Object.is(after[i], before[i])) continue;
      if (!Object.is(after[i], zeroPoint)) expect.fail(`${name}[${i}]: ${before[i]} became ${after[i]}`);
      masked++;
    }
    expect(masked / before.length).toBeLessThanOrEqual(sparsity + 1e-9);
    expect(after.filter((value) => value === zeroPoint).length / after.length).toBeGreaterThanOrEqual(sparsity - 0.01);
  }
}

/** The stored elements (bits for half precision) of each pruned layer before and after. */
export function storedPairs({ report, before, after }: Result): [name: string, before: number[], after: number[]][] {
  const [own, pruned] = [layersOf(before), layersOf(after)];
  return report.layers.map(({ name }) => [name, elements(own.get(name)), elements(pruned.get(name))]);
}

export const layersOf = ({ graph }: Model): Map<string, Layer> =>
  new Map(findLayers(flatCopy(graph)).layers.map((layer) => [layer.name, layer]));

function elements(layer: Layer | undefined): number[] {
  const { stored } = layer as Layer;
  return Array.from(dataTypes[stored.dtype].bits < 8 ? floatsOf(stored) : (dataOf(stored) as Float32Array));
}
