/** A model in half precision: what is chosen, converted and told of it, for float16 and bfloat16 alike. */
import { unsupported } from '../../errors.js';
import type { Model } from '../../ir/types.js';
import { defaultOpset } from '../../onnx/copy-nodes.js';
import { annotate } from '../../runtime/annotate.js';
import type { OptionValues } from '../../settings/index.js';
import type { Converted, ConvertTask } from '../target.js';
import { storedWeights } from '../weights.js';
import { chooseNodes, type NodeChoice } from './choose-nodes.js';
import type { HalfType } from './halve.js';
import { reportHalves } from './report.js';
import { type HalfModel, weightsOnly } from './weights-only.js';
import { wholeInHalf } from './whole.js';

/** @param store what is stored in half precision unless asked otherwise */
export const halfOptions = <const Store extends 'all' | 'weights'>(store: Store) =>
  ({
    store: {
      default: store,
      about: 'all: values and types, computed in half; weights: stored in half, cast to float32 and computed as before',
      choices: ['all', 'weights'],
    },
    io: {
      default: 'keep',
      about: 'inputs and outputs of the model: float32 as they are, or in half too (store all)',
      choices: ['keep', 'convert'],
    },
    delicate: {
      default: 'keep',
      about: 'sums, exponentials, squares, normalisations and softmax: in float32, or in half too (store all)',
      choices: ['keep', 'convert'],
    },
    least: {
      default: 1024,
      about: 'bytes from which on a weight is stored in half (store weights)',
      from: 0,
      whole: true,
    },
  }) as const;

type HalfSettings = OptionValues<ReturnType<typeof halfOptions<'all' | 'weights'>>>;

/** The first opset whose Cast knows the type. */
const leastOpset = { float16: 6, bfloat16: 13 } as const satisfies Record<HalfType, number>;

export async function convertToHalf(to: HalfType, task: ConvertTask, settings: HalfSettings): Promise<Converted> {
  const { model, signal } = task;
  const opset = defaultOpset(model.graph.opsets) ?? 1;
  if (opset < leastOpset[to])
    throw unsupported(to, `expected opset ${leastOpset[to]} or later, got ${opset}; export the model again`);
  const { store } = settings;
  const { made, notes } =
    store === 'weights' ? storedInHalf(to, task, settings) : await computedInHalf(to, task, settings);
  if (made.halves.size === 0)
    throw unsupported(
      to,
      store === 'weights'
        ? 'expected chosen weights of float32 with as many bytes as --set least says, found none; lower it, or see --include'
        : 'expected weights of float32 that chosen nodes read in half precision, found none; see --include, or take --set store=weights',
    );
  const report = await reportHalves(made.halves, to, signal);
  return {
    made: { kind: 'model', model: made.model },
    tensors: report.tensors,
    notes: [...report.notes, ...notes, ...sparseNotes(model)],
  };
}

interface Half {
  readonly made: HalfModel;
  readonly notes: readonly string[];
}

function storedInHalf(to: HalfType, { model, isChosen }: ConvertTask, { least }: HalfSettings): Half {
  const names = new Map(storedWeights(model.graph).map(({ value, names: each }) => [value, each]));
  const made = weightsOnly(
    model,
    to,
    (value, { payload }) => payload.byteLength >= least && isChosen(...(names.get(value) ?? [value.name])),
  );
  return {
    made,
    notes: [
      'weights are cast to float32 when the model is loaded: the file is smaller, memory and speed are as before',
    ],
  };
}

function sparseNotes({ graph }: Model): string[] {
  const sparse = storedWeights(graph).filter(({ tensor: { storage, dtype } }) => storage && dtype === 'float32');
  return sparse.length > 0
    ? [`sparse weights stay in float32 (${sparse.length}): make them dense first, --to dense`]
    : [];
}

/** Measured on x64, ONNX Runtime 1.30: docs/convert.md has the ops. */
const cpuNotes = {
  float16: 'ONNX Runtime on a CPU computes most ops of float16 in float32 between two casts: smaller there, not faster',
  bfloat16: 'ONNX Runtime on a CPU has hardly any kernel for bfloat16: the model is for GPUs',
} as const satisfies Record<HalfType, string>;

async function computedInHalf(to: HalfType, task: ConvertTask, { io, delicate }: HalfSettings): Promise<Half> {
  const { model, isChosen } = task;
  const types = await annotate(model.graph);
  const typeOf = (value: Parameters<typeof types.get>[0]) => types.get(value)?.dtype ?? value.type?.dtype;
  const choice = await chooseNodes(model.graph, { to, isBold: delicate === 'convert', isChosen, typeOf });
  const made = wholeInHalf(model, { to, choice, io, typeOf });
  return { made, notes: [...keptNotes(choice), cpuNotes[to]] };
}

function keptNotes({ halves, kept }: NodeChoice): string[] {
  const byReason = new Map<string, Map<string, number>>();
  for (const [{ op }, reason] of kept) {
    const ops = byReason.get(reason) ?? new Map<string, number>();
    byReason.set(reason, ops.set(op, (ops.get(op) ?? 0) + 1));
  }
  const lines = [...byReason].map(([reason, ops]) => {
    const list = [...ops].map(([op, count]) => `${op} (${count})`);
    return `in float32, ${reason}: ${list.join(', ')}`;
  });
  return [`${halves.size} nodes compute in half precision`, ...lines];
}
