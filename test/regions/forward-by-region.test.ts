import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { forward } from '../../src/evaluate/forward.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { load } from '../../src/onnx/load.js';
import { workingCopy } from '../../src/pipeline/working-copy.js';
import { forwardByRegion } from '../../src/regions/forward-by-region.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { Shelf } from '../../src/tensor/shelf.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { shared } from '../helpers/shared.js';
import { feedsOf, gpt } from './whole-models.js';

const paths = [
  'models/stories260k/stories260K.onnx',
  'models/resnet20-cifar10/resnet20_cifar10.onnx',
  'models/fcn-ucr/CBF_fcn.onnx',
  'models/squeezenet-imagenet/squeezenet1.0.onnx',
  'models/tabular/adult_linear.onnx',
  'fixtures/gradients/lstm/model.onnx',
  'fixtures/gradients/encoder/model.onnx',
  'fixtures/gradients/unet/model.onnx',
];

type Outputs = ReadonlyMap<Value, Tensor>;

async function bothWays(graph: Graph, shelf?: Shelf): Promise<{ whole: Outputs[]; byRegion: Outputs[] }> {
  const batches = await feedsOf(graph);
  const [whole, byRegion]: [Outputs[], Outputs[]] = [[], []];
  await forward(graph, batches, { threads: 1 }, (outputs) => whole.push(outputs));
  await forwardByRegion(graph, batches, { threads: 1, ...(shelf && { shelf }) }, (outputs) => byRegion.push(outputs));
  return { whole, byRegion };
}

function expectClose({ whole, byRegion }: { whole: Outputs[]; byRegion: Outputs[] }): void {
  expect(byRegion).toHaveLength(whole.length);
  whole.forEach((outputs, i) => {
    for (const [value, expected] of outputs) {
      const [a, b] = [floatsOf(expected), floatsOf(byRegion[i]!.get(value)!)];
      const scale = a.reduce((max, x) => Math.max(max, Math.abs(x)), 1e-6);
      expect(a.reduce((max, x, j) => Math.max(max, Math.abs(x - b[j]!)), 0) / scale).toBeLessThan(2e-5);
    }
  });
}

describe('forwardByRegion', () => {
  test('gives what the whole graph gives: bundled GPT, values in files between blocks', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'shelf-'));
    try {
      const shelf = new Shelf({ folder });
      expectClose(await bothWays(gpt(), shelf));
      expect(shelf.bytesWritten).toBeGreaterThan(0);
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  for (const path of paths) {
    const file = shared(path);
    test.skipIf(!file)(`gives what the whole graph gives: ${path}`, async () => {
      expectClose(await bothWays(workingCopy(load(file!).graph)));
    });
  }
});
