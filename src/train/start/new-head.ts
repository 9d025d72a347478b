/** withNewHead: a classifier with its last linear layer drawn anew, for classes that it was not made for. */

import { UserError } from '../../errors.js';
import type { Graph, Value } from '../../ir/types.js';
import { builderFor } from '../../ops/builder.js';
import { simplify } from '../../rewrite/simplify.js';
import { sizeOf } from '../../tensor/dtype.js';
import { random } from '../../tensor/random.js';
import { float32, type Tensor } from '../../tensor/tensor.js';
import { featuresOf } from './features.js';

/**
 * One output, `logits` [batch, classes], of the features that the old layer read; weights as PyTorch draws them, `head.weight` and
 * `head.bias`. What came behind the old layer is gone.
 * @throws UserError when the model has these names or the features are of unknown width; (exit 3) when no linear layer makes its scores.
 */
export function withNewHead(graph: Graph, classes: number, seed: number): Graph {
  const { value, head } = featuresOf(graph);
  const weights = head.inputs
    .map((input) => input && graph.initializers.get(input))
    .filter((t) => t && t.shape.length === 2);
  const isTransposed = head.op === 'Gemm' && head.attrs.transB?.kind === 'int' && head.attrs.transB.value !== 0n;
  const width = weights[0]?.shape[isTransposed ? 1 : 0];
  if (width === undefined) {
    throw new UserError(
      'train',
      `expected the weights of '${head.name}' as an initializer, got computed ones; start from another model`,
    );
  }
  const taken = [...graph.initializers.keys()].find(
    ({ name }) => /^head\.(weight|bias)$/.test(name) && !head.inputs.some((input) => input?.name === name),
  );
  if (taken)
    throw new UserError(
      'train',
      `expected '${taken.name}' to be free for the new layer, got a weight of that name; rename it`,
    );
  const made = new Map<Value, Tensor>();
  const bound = 1 / Math.sqrt(width);
  const drawn = (name: string, shape: readonly number[]): Value => {
    const values = random(seed, name).uniforms(sizeOf(shape));
    const weight: Value = { name, type: { dtype: 'float32', shape } };
    made.set(
      weight,
      float32(
        shape,
        values.map((u) => (2 * u - 1) * bound),
      ),
    );
    return weight;
  };
  const g = builderFor(graph, 'head');
  const inputs = [value, drawn('head.weight', [classes, width]), drawn('head.bias', [classes])];
  const scores = g.op('Gemm', inputs, { transB: 1 });
  const logits: Value = {
    name: 'logits',
    type: { dtype: 'float32', shape: [value.type?.shape?.[0] ?? graph.inputs[0]?.type?.shape?.[0] ?? null, classes] },
  };
  const cut = simplify({ ...graph, outputs: [value] });
  const [node] = g.nodes;
  return {
    ...cut,
    nodes: [...cut.nodes, { ...node!, outputs: node!.outputs.map((each) => (each === scores ? logits : each)) }],
    initializers: new Map([...cut.initializers, ...made]),
    outputs: [logits],
  };
}
