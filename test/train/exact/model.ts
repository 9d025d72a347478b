/** The backbone FCN with given weights, in inference form. */
import type { Graph, Value } from '../../../src/ir/types.js';
import { float32 } from '../../../src/tensor/tensor.js';
import { backbones } from '../../../src/train/backbones/index.js';
import type { Weights } from './fcn.js';
import { channels, classes, length, width } from './fixed.js';

/** Where `weights` have biases of convolutions, which the backbone has not, they are added to it. */
export function fcnModel(weights: Weights): Graph {
  const built = backbones.fcn.build({ channels, length, classes, width }, 0);
  const biases = new Map(
    [...weights]
      .filter(([name]) => isConvolutionBias(name))
      .map(([name, { shape }]): [string, Value] => [name, { name, type: { dtype: 'float32', shape } }]),
  );
  const nodes = built.nodes.map((node) => {
    const bias = biases.get(node.inputs[1]?.name.replace('weight', 'bias') ?? '');
    return bias ? { ...node, inputs: [...node.inputs, bias] } : node;
  });
  const named = [...built.initializers.keys(), ...biases.values()].filter(({ name }) => weights.has(name));
  const given = named.map((value) => {
    const { shape, values } = weights.get(value.name)!;
    return [value, float32(shape, Float32Array.from(values))] as const;
  });
  return { ...built, nodes, initializers: new Map([...built.initializers, ...given]) };
}

export const isConvolutionBias = (name: string): boolean => /^conv\d\.bias$/.test(name);
