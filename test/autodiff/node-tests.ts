/** The node tests of the ONNX project as gradient tests: every float-in, float-out one, at one seeded point beside its data. */
import { basename, dirname } from 'node:path';
import { prepare } from '../../src/autodiff/prepare.js';
import { UserError } from '../../src/errors.js';
import { feeds } from '../../src/ir/graph.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { load } from '../../src/onnx/load.js';
import { bake } from '../../src/rewrite/bake.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { type DataType, isFloat } from '../../src/tensor/dtype.js';
import { float32, type Tensor } from '../../src/tensor/tensor.js';
import { type Compared, compareGradients } from './compare-gradients.js';
import { storedInput } from './stored-input.js';

export interface Outcome extends Partial<Compared> {
  readonly name: string;
  /** The op that the test is named after. */
  readonly op: string;
  readonly result: 'passes' | 'fails' | 'refused' | 'left out';
  readonly reason: string;
}

/** What goes in and out of the runtime without harm: some node tests of narrow types abort the process. */
const plain: readonly DataType[] = [
  ...(['float32', 'float64', 'float16', 'bool', 'int64', 'int32', 'int16', 'int8'] as const),
  ...(['uint8', 'uint16', 'uint32', 'uint64'] as const),
];

/** Tests without a gradient to compare, with the reason. */
const leftOut: readonly (readonly [RegExp, string])[] = [
  [/^test_(bernoulli|multinomial|training_dropout|dropout_random)/, 'random: what is dropped changes from run to run'],
  [/empty_set|zero_size|allowzero_reordered|slice_start_out_of_bounds/, 'empty sets: no element to differentiate'],
  [/^test_loop11$/, 'a data-dependent trip count'],
  [/^test_ai_onnx_ml_/, 'ai.onnx.ml: trees and thresholds'],
];

/** Float inputs that say how something is done and are no data: the sizes that follow from them jump. */
const settings: Readonly<Record<string, readonly number[]>> = {
  Resize: [1, 2],
  Upsample: [1],
  Dropout: [1],
  OneHot: [0, 1],
};

/** Data that is made smaller: it saturates the cells, and float32 does not resolve what then flows back. */
const gentle = /^test_(rnn|gru)_seq_length$/;

export const isGradientTest = (graph: Graph): boolean =>
  [...graph.inputs, ...graph.outputs].every(({ type }) => type !== undefined && plain.includes(type.dtype)) &&
  feeds(graph).some(({ type }) => isFloat(type!.dtype)) &&
  graph.outputs.some(({ type }) => isFloat(type!.dtype));

export async function runNodeTest(file: string): Promise<Outcome> {
  const name = basename(dirname(file));
  const { graph } = load(file);
  const op = graph.nodes.length === 1 ? graph.nodes[0]!.op : 'several';
  const reason = leftOut.find(([pattern]) => pattern.test(name))?.[1];
  if (reason) return { name, op, result: 'left out', reason };
  const read = (i: number): Tensor => (gentle.test(name) ? tenth(storedInput(file, i)) : storedInput(file, i));
  const data = new Map(feeds(graph).map((value, i) => [value.name, read(i)]));
  try {
    const compared = await differentiated(graph, data);
    const failure = compared.problem ?? compared.unclear;
    return { name, op, result: failure ? 'fails' : 'passes', reason: failure ?? '', ...compared };
  } catch (error) {
    if (error instanceof UserError) return { name, op, result: 'refused', reason: error.message };
    throw error;
  }
}

/** As it stands; where a rule asks for constants, once more with integers and settings as constants. */
async function differentiated(graph: Graph, data: ReadonlyMap<string, Tensor>): Promise<Compared> {
  const settled = new Set(settingsOf(graph).map(({ name }) => name));
  const compare = async (version: Graph): Promise<Compared> =>
    compareGradients(await prepare(version), data, ({ name }) => settled.has(name));
  try {
    return await compare(graph);
  } catch (error) {
    const given = feeds(graph).filter(({ name, type }) => !isFloat(type!.dtype) || settled.has(name));
    if (!(error instanceof UserError) || given.length === 0) throw error;
    return compare(bake(graph, new Map(given.map((value) => [value, data.get(value.name)!]))));
  }
}

const tenth = (t: Tensor): Tensor =>
  t.dtype === 'float32'
    ? float32(
        t.shape,
        floatsOf(t).map((x) => x / 10),
      )
    : t;

function settingsOf(graph: Graph): readonly Value[] {
  return graph.nodes.flatMap(({ op, inputs }) => (settings[op] ?? []).flatMap((i) => (inputs[i] ? [inputs[i]] : [])));
}
