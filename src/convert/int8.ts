/** int8: weights as symmetric integers of eight bits behind DequantizeLinear, and activations too where asked. */
import { UserError, unsupported } from '../errors.js';
import { valuesByName } from '../ir/graph.js';
import type { Graph, Node, Value } from '../ir/types.js';
import { sumsSaturate } from '../runtime/saturating-sums.js';
import type { OptionValues } from '../settings/index.js';
import { chosenLayers, type Left } from './chosen-layers.js';
import { activationGrid } from './quantise/activation-grid.js';
import { type Activations, exchangeWeights } from './quantise/exchange.js';
import { foldNormalisations } from './quantise/fold-normalisations.js';
import { type Range, rangesOf } from './quantise/ranges.js';
import { isConv, roundedOutputs, type Site, sitesOf } from './quantise/sites.js';
import { firstAxis, type IntegerWeight, integerWeights } from './quantise/weights.js';
import { type ConvertTask, target } from './target.js';

const options = {
  activations: {
    default: 'none',
    choices: ['none', 'static', 'dynamic'],
    about:
      'floats; eight bits by ranges that are calibrated on data; or eight bits by the range of each run (products only)',
  },
  scales: {
    default: 'channel',
    choices: ['channel', 'tensor'],
    about: 'one scale per output channel, or one per weight',
  },
  bits: {
    default: 8,
    from: 7,
    to: 8,
    whole: true,
    about:
      'of weights; 7 where activations are integers and the processor has AVX2 but no VNNI, whose sums saturate else',
  },
  type: {
    default: 'uint8',
    choices: ['uint8', 'int8'],
    about: 'of static activations; the CPU runtime turns int8 into uint8 on x86, others want int8',
  },
  clip: {
    default: 1,
    from: 0.9,
    to: 1,
    about: 'the share of calibrated activations that their range holds; 1 is from least to greatest',
  },
  bias: {
    default: 'int32',
    choices: ['int32', 'float'],
    about: 'how biases of static layers are stored; a Gemm with a float one is computed in floats',
  },
} as const;

type Settings = OptionValues<typeof options>;

/**
 * The form with QuantizeLinear and DequantizeLinear of Jacob et al., Quantization and training of neural networks for efficient
 * integer-arithmetic-only inference (arXiv 1712.05877); weights have zero point 0, so that zeros stay exactly zero. A
 * BatchNormalization behind a chosen Conv moves into it.
 */
export const int8 = target({
  name: 'int8',
  summary: 'weights of eight bits behind DequantizeLinear, and activations too on request',
  writes: 'onnx',
  takesData: true,
  options,
  trials: [
    {},
    { activations: 'dynamic' },
    { activations: 'dynamic', bits: 7 },
    { activations: 'static' },
    { activations: 'static', bits: 7 },
  ],
  async convert(task, settings) {
    const { model } = task;
    const opset = model.graph.opsets.get('') ?? model.graph.opsets.get('ai.onnx') ?? 0;
    const needed = settings.activations === 'dynamic' ? 11 : 10;
    if (opset < needed) {
      throw unsupported(
        'int8',
        `expected a model of opset ${needed} or newer, got ${opset}; export it again with opset 13`,
      );
    }
    const { graph, weights, left } = chosenWeights(task, settings, opset);
    const activations = await activationsOf(task, graph, weights, settings, left);
    const made = exchangeWeights(graph, weights, activations);
    return {
      made: { kind: 'model', model: { ...model, graph: made } },
      tensors: weights.map(({ tensor }) => tensor),
      notes: [
        ...notesOf(weights, activations, settings, opset),
        ...(await saturationNote(activations, settings, task)),
        ...left.notes,
      ],
    };
  },
});

function chosenWeights(task: ConvertTask, settings: Settings, opset: number) {
  const { graph, origins } = foldNormalisations(task.model.graph, (conv, { name }) =>
    task.isChosen(name, conv.name, conv.op),
  );
  const original = new Map([...origins].map(([made, from]) => [made.name, from.name]));
  const nameOf = (name: string): string => original.get(name) ?? name;
  const { layers, left } = chosenLayers(graph, { isChosen: (...names) => task.isChosen(...names.map(nameOf)) });
  const found = integerWeights(graph, layers, { ...settings, opset }, left);
  if (found.length === 0) {
    throw unsupported(
      'int8',
      `expected weights of MatMul, Gemm, Conv and the like that integers make smaller, found none (${left.first}); choose others`,
    );
  }
  const weights = found.map((weight) => ({
    ...weight,
    tensor: { ...weight.tensor, name: nameOf(weight.tensor.name) },
  }));
  return { graph, weights, left };
}

const floats: Activations = {
  sites: new Map(),
  grids: new Map(),
  outputs: new Set(),
  biases: 'float',
};

async function activationsOf(
  task: ConvertTask,
  graph: Graph,
  weights: readonly IntegerWeight[],
  settings: Settings,
  left: Left,
): Promise<Activations> {
  if (settings.activations === 'none') return floats;
  const sites = sitesOf(weights);
  if (settings.activations === 'dynamic') return { ...floats, sites: withoutConvolutions(sites) };
  if (!task.batches) {
    throw new UserError(
      'int8',
      'expected calibration data for static activations, got none; give some, or choose dynamic',
    );
  }
  const copy = task.copy();
  const known = valuesByName(copy);
  const isKnown = ({ node, data }: Site): boolean => {
    if (known.has(data.name)) return true;
    left.add(node.name || node.op, `the working copy has no value '${data.name}' to calibrate`);
    return false;
  };
  const kept = new Map([...sites].filter(([, site]) => isKnown(site)));
  const outputs = new Set([...roundedOutputs(graph, kept.values())].filter(({ name }) => known.has(name)));
  const values = [...new Set([...[...kept.values()].map(({ data }) => data), ...outputs])];
  const { threads, signal } = task;
  task.log(`calibrating the ranges of ${values.length} values`);
  const ranges = await rangesOf(
    copy,
    values.map(({ name }) => known.get(name)!),
    task.batches,
    { share: settings.clip, signal, ...(threads !== undefined && { threads }) },
  );
  const rangeOf = ({ name }: Value): Range => ranges.get(known.get(name)!)!;
  return {
    sites: kept,
    grids: new Map(values.map((value) => [value, activationGrid(rangeOf(value), settings.type)])),
    outputs,
    biases: settings.bias,
  };
}

/** Where outputs are measured with kernels that saturate, they are further off than the form itself makes them. */
async function saturationNote({ sites }: Activations, { bits }: Settings, { threads }: ConvertTask): Promise<string[]> {
  if (sites.size === 0 || bits < 8 || !(await sumsSaturate(threads === undefined ? {} : { threads }))) return [];
  return [
    'sums of products of eight bits saturate on this processor, which has no VNNI: outputs are far off here, though not on others; bits=7 is right on all',
  ];
}

const withoutConvolutions = (sites: ReadonlyMap<Node, Site>): Map<Node, Site> =>
  new Map([...sites].filter(([node]) => !isConv(node)));

function notesOf(
  weights: readonly IntegerWeight[],
  { sites }: Activations,
  { activations, scales }: Settings,
  opset: number,
): string[] {
  const uses = weights.flatMap(({ layer }) => layer.uses.map(({ node }) => node));
  const floating = uses.filter((node) => !sites.has(node));
  const convolutions = floating.filter(isConv).length;
  const notes: string[] = [];
  if (scales === 'channel' && opset < firstAxis) {
    notes.push(`scales are one per weight: per channel they need opset ${firstAxis}, and the model has ${opset}`);
  }
  if (convolutions > 0) {
    notes.push(
      `${convolutions} convolutions are computed in floats from weights that are dequantised in every run; a session with session.disable_quant_qdq=1 does so once, activations=static computes in integers`,
    );
  }
  if (activations !== 'none') {
    notes.push(`${sites.size} of ${uses.length} products and convolutions are computed in integers`);
  }
  return notes;
}
