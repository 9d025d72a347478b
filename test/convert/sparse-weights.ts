/** Sparse weights that formats are tested with: arbitrary bit patterns, as single tensors and in a model. */
import fc from 'fast-check';
import type { ConvertTask } from '../../src/convert/index.js';
import type { Coded } from '../../src/convert/weights/coding.js';
import { makeWhenRead } from '../../src/convert/weights/made-when-read.js';
import type { Graph, Model } from '../../src/ir/types.js';
import { select } from '../../src/masks/select.js';
import { findLayers } from '../../src/ops/layers.js';
import type { MatrixLayout } from '../../src/ops/layout.js';
import { readMatrices, storeMatrices } from '../../src/ops/matrices.js';
import { workingCopy } from '../../src/pipeline/working-copy.js';
import { type DataType, dataTypes, sizeOf } from '../../src/tensor/dtype.js';
import { dataOf, float32, memoryPayload, type Tensor } from '../../src/tensor/tensor.js';
import { plainLinalg } from '../prune/plain-linalg.js';

/** Types whose elements fill one word and that safetensors names. */
export const wordTypes =
  'float64 float32 float16 bfloat16 int64 int32 int16 int8 uint64 uint32 uint16 uint8 bool complex64 float8e4m3fn float8e5m2'.split(
    ' ',
  ) as DataType[];

export const make = makeWhenRead('test');

/** Mostly zero words; the others are any bits: NaN with a payload, -0 and subnormal numbers among them. */
export const sparseWeight = (shapes: fc.Arbitrary<number[]> = shape): fc.Arbitrary<Tensor> =>
  fc.tuple(fc.constantFrom(...wordTypes), shapes).chain(([dtype, shape]) => {
    const width = dataTypes[dtype].bits / 8;
    const zero = fc.constant(new Uint8Array(width));
    const negativeZero = fc.constant(new Uint8Array(width).with(width - 1, 0x80));
    const element = fc.oneof(
      { weight: 3, arbitrary: zero },
      negativeZero,
      fc.uint8Array({ minLength: width, maxLength: width }),
    );
    return fc.array(element, { minLength: sizeOf(shape), maxLength: sizeOf(shape) }).map((elements) => ({
      dtype,
      shape,
      payload: memoryPayload(Uint8Array.from(elements.flatMap((bytes) => [...bytes]))),
    }));
  });

const shape = fc.oneof(
  fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 }),
  fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 250, max: 300 })),
);

/** Entry and tensors of one weight 'w', as they stand in a file. */
export function filed({ coding, facts, parts }: Coded, { dtype, shape }: Tensor) {
  const tensors = new Map([...parts].map(([part, t]) => [`w${part}`, t]));
  return { tensors, entry: { name: 'w', coding, dtype, shape, ...facts } };
}

/** A matrix as it is. */
export const flat = (rows: number, columns: number): MatrixLayout => ({
  view: [rows * columns],
  perm: [0],
  stacks: 1,
  rows,
  columns,
});

/** A task on a model, which chooses everything unless told otherwise. */
export const taskOn = (model: Model, isChosen: ConvertTask['isChosen'] = () => true): ConvertTask => ({
  model,
  copy: () => workingCopy(model.graph),
  isChosen,
  // no target of weights multiplies
  linalg: plainLinalg as unknown as ConvertTask['linalg'],
  signal: new AbortController().signal,
  log: () => undefined,
});

export const modelOf = (graph: Graph): Model => ({ graph, irVersion: 10, producer: 'test', metadata: new Map() });

/** The model with some of its initializers replaced. */
export const withWeights = (model: Model, change: (stored: Tensor, name: string) => Tensor): Model => ({
  ...model,
  graph: {
    ...model.graph,
    initializers: new Map([...model.graph.initializers].map(([value, t]) => [value, change(t, value.name)])),
  },
});

/** Keeps the n largest of every m inputs of each layer that has so many, with the project's own mask. */
export function pruned(model: Model, n: number, m: number): Model {
  const layers = new Map(findLayers(workingCopy(model.graph)).layers.map((layer) => [layer.name, layer]));
  return withWeights(model, (stored, name) => {
    const layer = layers.get(name);
    if (!layer) return stored;
    const { layout } = layer;
    const segment = layout.columns / sizeOf(layout.kernel ?? []);
    if (segment < m) return stored;
    const values = readMatrices(layer);
    const scores = { ...layout, data: values.map(Math.abs) };
    const { mask } = select(scores, { pattern: { kind: 'n:m', n, m }, group: 'row', rule: 'exact', segment }, name);
    return storeMatrices({ ...layer, stored }, values, mask);
  });
}

/** Clears the smallest float32 elements. */
export function sparse(t: Tensor, sparsity: number): Tensor {
  const values = new Float32Array(dataOf(t) as Float32Array);
  const order = [...values.keys()].sort((a, b) => Math.abs(values[a]!) - Math.abs(values[b]!));
  for (const i of order.slice(0, Math.floor(sparsity * values.length))) values[i] = 0;
  return float32(t.shape, values);
}
