/** Targets asked for directly, on graphs built in tests and on models, and what their results mean in plain arithmetic. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Converted, ConvertTask, Target } from '../../src/convert/index.js';
import { intAttr } from '../../src/ir/node.js';
import type { Graph, Model, Node, Value } from '../../src/ir/types.js';
import { verify } from '../../src/ir/verify.js';
import { createLinalg } from '../../src/linalg/index.js';
import { load } from '../../src/onnx/load.js';
import { workingCopy } from '../../src/pipeline/working-copy.js';
import { profile } from '../../src/runtime/profile.js';
import { type CompileOptions, withProgram } from '../../src/runtime/program.js';
import { sumsSaturate } from '../../src/runtime/saturating-sums.js';
import { type GivenOptions, type OptionSpecs, settle } from '../../src/settings/index.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { dataOf, float32, type Tensor } from '../../src/tensor/tensor.js';

export const bundled = (name: string): string =>
  join(fileURLToPath(new URL('../../models', import.meta.url)), name, 'model.onnx');

export const modelOf = (graph: Graph): Model => ({
  graph,
  irVersion: 10,
  producer: 'test',
  metadata: new Map([['key', 'value']]),
});

type Batches = Iterable<ReadonlyMap<Value, Tensor>>;

/** @param batches by the graph of the model; the working copy has inputs of the same names. */
export async function converted<Specs extends OptionSpecs>(
  target: Target<Specs>,
  source: Graph | Model | string,
  given: GivenOptions = {},
  more: Partial<ConvertTask> & { readonly batches?: Batches } = {},
): Promise<Converted & { readonly graph: Graph; readonly before: Graph }> {
  const model = typeof source === 'string' ? load(source) : 'graph' in source ? source : modelOf(source);
  const linalg = await createLinalg({ threads: 1 });
  const copy = workingCopy(model.graph);
  try {
    const task: ConvertTask = {
      model,
      copy: () => copy,
      isChosen: () => true,
      linalg,
      threads: 1,
      signal: new AbortController().signal,
      log: () => undefined,
      ...more,
    };
    const result = await target.convert(task, settle(target, given));
    if (result.made.kind !== 'model') throw new Error('expected a model');
    verify(result.made.model.graph);
    return { ...result, graph: result.made.model.graph, before: model.graph };
  } finally {
    await linalg.release();
  }
}

/** The first output for these inputs, by name. */
export async function outputOf(
  graph: Graph,
  inputs: Readonly<Record<string, Tensor>>,
  options: CompileOptions = {},
): Promise<Float32Array> {
  return withProgram(graph, { threads: 1, ...options }, async (program) => {
    const fed = new Map(program.inputs.map((value) => [value, inputs[value.name]!]));
    const results = await program.run(fed);
    return floatsOf(results.get(program.outputs[0]!)!);
  });
}

/** Bits of weights at which this processor's integer kernels are right, and how many times as far off rounding to them is as to eight. */
export const bitsHere = async (): Promise<{ readonly bits: number; readonly rounding: number }> =>
  (await sumsSaturate({ threads: 1 })) ? { bits: 7, rounding: 2.5 } : { bits: 8, rounding: 1 };

/** ‖a - b‖ / ‖b‖ */
export function distance(a: Float32Array, b: Float32Array): number {
  let [lost, all] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    lost += (a[i]! - b[i]!) ** 2;
    all += b[i]! ** 2;
  }
  return Math.sqrt(lost / all);
}

/** Ops that the runtime's kernels computed after its own fusions, with how often. */
export async function kernels(graph: Graph, inputs: Readonly<Record<string, Tensor>>): Promise<Record<string, number>> {
  const fed = new Map(
    graph.inputs.flatMap((value) => (inputs[value.name] ? [[value, inputs[value.name]!] as const] : [])),
  );
  const times = await profile(graph, [fed], { threads: 1 });
  return Object.fromEntries(times.map(({ op, calls }) => [op, calls]));
}

/** The stored integers that DequantizeLinear reads in a graph, decoded by plain loops. */
export function decodedWeights(
  graph: Graph,
): Map<Node, { readonly tensor: Tensor; readonly scales: Float32Array; readonly integers: Tensor }> {
  return new Map(
    graph.nodes.flatMap((node) => {
      const integers = node.op === 'DequantizeLinear' ? graph.initializers.get(node.inputs[0]!) : undefined;
      if (!integers) return [];
      const scales = floatsOf(graph.initializers.get(node.inputs[1]!)!);
      const axis = intAttr(node, 'axis', 1);
      const inner = integers.shape.slice(axis + 1).reduce((product, size) => product * size, 1);
      const along = integers.shape[axis] ?? 1;
      const stored = dataOf(integers) as Int8Array;
      const values = Float32Array.from(
        stored,
        (value, i) => value * scales[scales.length === 1 ? 0 : Math.floor(i / inner) % along]!,
      );
      return [[node, { tensor: float32(integers.shape, values), scales, integers }] as const];
    }),
  );
}

/** The same graph with weights decoded by plain loops in the place of DequantizeLinear. */
export function decodedGraph(graph: Graph): Graph {
  const decoded = decodedWeights(graph);
  const initializers = new Map(graph.initializers);
  for (const [node, { tensor }] of decoded) initializers.set(node.outputs[0]!, tensor);
  return { ...graph, initializers, nodes: graph.nodes.filter((node) => !decoded.has(node)) };
}
