/** The bias of a layer: what its node adds to each output of its matrices. */
import { floatAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import type { Layer } from '../ops/layers.js';
import { sizeOf } from '../tensor/dtype.js';
import type { RegionTask } from './solver.js';
import { usesWithin } from './uses-within.js';

export interface LayerBias {
  /** One number for each row of each stack, in that order. */
  readonly value: Value;
  /** What stands before the bias over what stands before the product: other than 1 for Gemm only. */
  readonly step: number;
}

/** The bias of the layer's node, if it is one of the parameters that may move and serves nothing but this layer. */
export function biasOf({ graph, parameters }: RegionTask, layer: Layer): LayerBias | undefined {
  const [use, ...others] = usesWithin(graph, layer);
  if (!use || others.length > 0 || use.input !== 1) return undefined;
  const value = use.node.inputs[2];
  if (!value || !places.has(use.node.op) || !parameters.includes(value)) return undefined;
  const shape = graph.initializers.get(value)?.shape ?? [];
  const outputs = layer.layout.stacks * layer.layout.rows;
  const isOnePerOutput = sizeOf(shape) === outputs && shape.at(-1) === outputs;
  const step = stepOf(use.node);
  return isOnePerOutput && Number.isFinite(step) && step !== 0 ? { value, step } : undefined;
}

const places: ReadonlySet<string> = new Set(['Gemm', 'Conv', 'ConvTranspose']);

const stepOf = (node: Node): number =>
  node.op === 'Gemm' ? floatAttr(node, 'beta', 1) / floatAttr(node, 'alpha', 1) : 1;
