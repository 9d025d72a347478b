/** What the tests of weight targets share: models to convert, files to read back, and what must be the same. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { bitmask } from '../../src/convert/bitmask.js';
import { csr } from '../../src/convert/csr.js';
import { type Converted, type ConvertTask, loadWeights, type MadeWeights } from '../../src/convert/index.js';
import { nmPacked } from '../../src/convert/nm-packed.js';
import { UserError } from '../../src/errors.js';
import type { Graph, Model } from '../../src/ir/types.js';
import { load } from '../../src/onnx/load.js';
import { saveSafetensors } from '../../src/tensor/safetensors.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { graphOf, node, typed, waves } from '../helpers/graphs.js';
import { sparse } from './sparse-weights.js';

export const gpt = load('models/gpt-sotu/model.onnx');
export const cnn = load('models/mnist-cnn/model.onnx');

/** Writes what was made to a file and reads it back. */
export async function throughFile({ made }: Converted): Promise<{ read: Map<string, Tensor>; bytes: number }> {
  const { tensors, metadata } = made as MadeWeights;
  const path = join(temporaryFolder(), 'weights.safetensors');
  await saveSafetensors(path, tensors, Object.fromEntries(metadata));
  return { read: loadWeights(path), bytes: statSync(path).size };
}

/** By name: initializers, and what Constant nodes hold that is more than a number or a vector. */
export const storedIn = ({ graph }: Model): Map<string, Tensor> =>
  new Map([
    ...[...graph.initializers].map(([{ name }, t]) => [name, t] as const),
    ...graph.nodes.flatMap(({ attrs, outputs }) =>
      attrs.value?.kind === 'tensor' && attrs.value.value.shape.at(-2)! > 1
        ? [[outputs[0]!.name, attrs.value.value] as const]
        : [],
    ),
  ]);

export const bytesIn = (weights: Iterable<Tensor>): number =>
  [...weights].reduce((sum, { payload }) => sum + payload.byteLength, 0);

export async function expectSame(converted: Converted, model: Model): Promise<number> {
  const { read, bytes } = await throughFile(converted);
  const stored = storedIn(model);
  expect([...read.keys()]).toEqual([...stored.keys()]);
  for (const [name, t] of stored) {
    const found = read.get(name)!;
    expect([found.dtype, found.shape], name).toEqual([t.dtype, t.shape]);
    expect(Buffer.compare(found.payload.read(), t.payload.read()), name).toBe(0);
  }
  expect(converted.tensors.map(({ name }) => name)).toEqual([...stored.keys()]);
  const after = converted.tensors.reduce((sum, each) => sum + each.bytes.after, 0);
  expect(after).toBe(bytesIn((converted.made as MadeWeights).tensors.values()));
  return bytes;
}

/** y = x A + b, with what else a model may store. */
export function oddGraph(a: Tensor, others: Readonly<Record<string, Tensor>> = {}): Graph {
  const [x, w, product, y] = [
    typed('x', [1, a.shape[0]!]),
    typed('w', a.shape),
    typed('p', [1, a.shape[1]!]),
    typed('y', [1, a.shape[1]!]),
  ];
  const b = typed('b', [a.shape[1]!]);
  return graphOf({
    inputs: [x],
    outputs: [y],
    nodes: [node('MatMul', [x, w], [product]), node('Add', [product, b], [y])],
    initializers: new Map([
      [w, a],
      [b, waves([a.shape[1]!])],
      ...Object.entries(others).map(([name, t]) => [{ name }, t] as const),
    ]),
  });
}

export const half = sparse(waves([64, 64]), 0.5);

export async function refusal(convert: Promise<Converted>): Promise<UserError> {
  const error: unknown = await convert.catch((error: unknown) => error);
  expect(error).toBeInstanceOf(UserError);
  return error as UserError;
}

/** A folder until the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'scalpel-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Every way to write a file of weights. */
export const files = {
  bitmask: (task: ConvertTask) => bitmask.convert(task, {}),
  csr: (task: ConvertTask) => csr.convert(task, { index: 'auto' }),
  'csr with int32': (task: ConvertTask) => csr.convert(task, { index: 'i32' }),
  'nm-packed': (task: ConvertTask) => nmPacked.convert(task, { n: 2, m: 4 }),
};
