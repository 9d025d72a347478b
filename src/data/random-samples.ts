/** Samples for any graph without data: random numbers of the right types, shapes and ranges. */

import { unsupported } from '../errors.js';
import { feeds } from '../ir/graph.js';
import type { Graph, TensorType, Value } from '../ir/types.js';
import { tensorOf } from '../tensor/convert.js';
import { isFloat, sizeOf } from '../tensor/dtype.js';
import { random } from '../tensor/random.js';
import { int64, type Tensor } from '../tensor/tensor.js';
import { languageInputs } from './language-inputs.js';
import type { Samples } from './samples.js';
import { vocabularySize } from './vocabulary.js';

/**
 * One run's worth of random samples: standard normal floats, token ids below the vocabulary's size with masks and positions
 * as a language model expects them, other integers 0 or 1.
 * @param types with a size for every dimension of the graph inputs, as `annotate` gives them.
 * @param others graphs that are to be fed the same: token ids are below their vocabularies' sizes too.
 * @throws UserError (exit 3) for inputs that are no numbers.
 */
export function randomSamples(
  graph: Graph,
  types: ReadonlyMap<Value, TensorType>,
  seed: number,
  others: readonly Graph[] = [],
): Samples {
  const graphs = [graph, ...others];
  const tensors = new Map(feeds(graph).map((input) => [input, randomTensor(graphs, input, types, seed)]));
  const language = languageInputs(graph);
  if (language) {
    const ids = tensors.get(language.ids)!;
    for (const [input, tensor] of language.fill(ids.dtype === 'int64' ? ids : widened(ids))) tensors.set(input, tensor);
  }
  const count = [...tensors.values()].find(({ shape }) => shape.length > 0)?.shape[0] ?? 1;
  return {
    count,
    fixedBatch: count,
    batch: () => tensors,
    provenance: { files: [], description: `random numbers, seed ${seed}` },
  };
}

function randomTensor(
  graphs: readonly Graph[],
  input: Value,
  types: ReadonlyMap<Value, TensorType>,
  seed: number,
): Tensor {
  const type = types.get(input);
  if (!type?.shape) throw unsupported(`input '${input.name}'`, 'expected a tensor of numbers; give data with --data');
  const shape = type.shape.map((size) => (typeof size === 'number' ? size : 1));
  const numbers = random(seed, input.name);
  const below = type.dtype === 'bool' ? 2 : (idsOf(graphs, input) ?? 2);
  const draw = isFloat(type.dtype) ? numbers.normal : (i: number): number => numbers.integer(i, below);
  return tensorOf(
    type.dtype,
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => draw(i)),
  );
}

/** How many token ids all graphs have for an input; undefined where it takes no token ids. */
function idsOf(graphs: readonly Graph[], { name }: Value): number | undefined {
  const sizes = graphs.flatMap((graph) => {
    const own = feeds(graph).find((input) => input.name === name);
    return (own && vocabularySize(graph, own)) ?? [];
  });
  return sizes.length === 0 ? undefined : Math.min(...sizes);
}

const widened = (ids: Tensor): Tensor => int64(ids.shape, [...new Int32Array(ids.payload.read().slice().buffer)]);
