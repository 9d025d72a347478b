/** fixedIntegers: integers that no input of a graph decides, worked out by the runtime once sizes are known. */

import { subgraphs } from '../ir/graph.js';
import { intAttr, presentInputs, presentOutputs } from '../ir/node.js';
import type { Graph, Node, TensorType, Value } from '../ir/types.js';
import { extract } from '../rewrite/extract.js';
import { type CompileOptions, withProgram } from '../runtime/program.js';
import { dataOf, int64, type Tensor } from '../tensor/tensor.js';

export type Types = ReadonlyMap<Value, TensorType>;

/** @param types with sizes. @returns by value, those of int32 and int64 values that are stored or follow from sizes and stored ones. */
export async function fixedIntegers(graph: Graph, types: Types, options: CompileOptions = {}) {
  const sized = new Map<Value, Tensor>();
  const fixed = new Set<Value>(graph.initializers.keys());
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const shape = node.op === 'Shape' ? shapeRead(node, types) : undefined;
    if (shape) {
      sized.set(node.outputs[0]!, int64([shape.length], shape));
      fixed.add(node.outputs[0]!);
    } else if (subgraphs(node).length === 0 && presentInputs(node).every((x) => fixed.has(x)) && !isRandom(node)) {
      nodes.push(node);
      for (const y of presentOutputs(node)) fixed.add(y);
    }
  }
  const isInteger = (value: Value): boolean => /^int(32|64)$/.test((types.get(value) ?? value.type)?.dtype ?? '');
  const known = new Map<Value, Tensor>([...sized, ...[...graph.initializers].filter(([value]) => isInteger(value))]);
  const wanted = nodes.flatMap(presentOutputs).filter(isInteger);
  const initializers = new Map([...graph.initializers, ...sized]);
  if (wanted.length > 0) {
    const small = extract({ ...graph, nodes, initializers, inputs: [], outputs: wanted }, [], wanted);
    await withProgram(small, options, async (program) => {
      const results = await program.run(new Map());
      for (const value of wanted) known.set(value, results.get(value)!);
    });
  }
  return (value: Value | null | undefined): readonly number[] | undefined => {
    const tensor = value && known.get(value);
    return tensor ? Array.from(dataOf(tensor) as ArrayLike<number | bigint>, Number) : undefined;
  };
}

function shapeRead(node: Node, types: Types): number[] | undefined {
  const shape = types.get(node.inputs[0]!)?.shape;
  if (!shape?.every((size) => typeof size === 'number')) return undefined;
  return shape.slice(intAttr(node, 'start', 0), intAttr(node, 'end', shape.length));
}

const isRandom = ({ op }: Node): boolean => /^(Random|Bernoulli|Multinomial)/.test(op);
