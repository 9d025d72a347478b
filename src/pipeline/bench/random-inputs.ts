/** Random inputs for models that no data were given for, at the size that is asked for. */
import { contextLength } from '../../data/context-length.js';
import { type LanguageInputs, languageInputs } from '../../data/language-inputs.js';
import { randomSamples } from '../../data/random-samples.js';
import type { Samples } from '../../data/samples.js';
import { feeds } from '../../ir/graph.js';
import type { Dimension, Graph, Value } from '../../ir/types.js';
import { substitute } from '../../rewrite/substitute.js';
import { annotate } from '../../runtime/annotate.js';

export interface RandomSize {
  /** Along the first axis of inputs that leave it open. */
  readonly batch: number;
  /** Tokens per window; absent: 128, or as many as the model has positions for. */
  readonly seqLen?: number | undefined;
  readonly seed: number;
  /** That are fed the same. */
  readonly others?: readonly Graph[];
}

const usualTokens = 128;

/** @throws UserError (exit 3) for inputs that are no numbers; as `annotate` where the model does not take the sizes. */
export async function randomInputs(graph: Graph, { batch, seqLen, seed, others }: RandomSize): Promise<Samples> {
  const language = languageInputs(graph);
  const tokens =
    language && (seqLen ?? Math.min(usualTokens, contextLength(graph, positionsOf(language)) ?? usualTokens));
  const sizes = new Map<Dimension, number>();
  for (const { type } of feeds(graph)) if (isOpen(type?.shape?.[0])) sizes.set(type!.shape![0]!, batch);
  const length = language?.ids.type?.shape?.[1];
  if (tokens !== undefined && isOpen(length)) sizes.set(length, tokens);
  const sized = (value: Value): Value => withSizes(value, sizes, batch);
  const twins = new Map(feeds(graph).map((value) => [value, sized(value)]));
  const fixed = substitute(graph, (value) => twins.get(value) ?? value);
  return randomSamples(fixed, await annotate(fixed), seed, others);
}

const isOpen = (size: Dimension | undefined): size is string => typeof size === 'string';

const positionsOf = ({ roles }: LanguageInputs): Value | undefined =>
  [...roles].find(([, role]) => role === 'position_ids')?.[0];

/** Dimensions without a name are the batch where they come first. */
function withSizes(value: Value, sizes: ReadonlyMap<Dimension, number>, batch: number): Value {
  const { type } = value;
  if (!type?.shape) return value;
  const shape = type.shape.map((size, axis) => sizes.get(size) ?? (size === null && axis === 0 ? batch : size));
  return { ...value, type: { ...type, shape } };
}
