/** Which output of a model holds its predictions. */
import { unsupported } from '../errors.js';
import type { Graph, Value } from '../ir/types.js';

/** Outputs that hand keys and values on to a next run. */
const caches = /^present([_.]|$)|(^|[._])present(_key|_value)/i;

/** Outputs that are results; caches are not, and neither is what is no tensor. */
export const results = (graph: Graph): Value[] =>
  graph.outputs.filter((value) => value.type !== undefined && !caches.test(value.name));

/**
 * The output named `logits`, or else the only float result of that rank (of unknown rank counts).
 * @param rank 3 for language models [batch, sequence, vocabulary], 2 for classifiers; others are taken only when there is one result.
 * @throws UserError (exit 3) when there is none, or several.
 */
export function logitsOf(graph: Graph, rank: 2 | 3): Value {
  const floats = results(graph).filter(({ type }) => /^b?float/.test(type?.dtype ?? ''));
  const named = floats.filter(({ name }) => name === 'logits');
  const ranked = floats.filter(({ type }) => (type?.shape?.length ?? rank) === rank);
  const found = [named, ranked, rank === 2 ? floats : []].find((values) => values.length === 1)?.[0];
  if (found) return found;
  const names = graph.outputs.map(
    ({ name, type }) => `'${name}' ${type?.dtype ?? ''}[${type?.shape?.map((size) => size ?? '?').join(', ') ?? '?'}]`,
  );
  throw unsupported('evaluate', `expected one output of logits, got ${names.join(', ') || 'none'}; name it 'logits'`);
}
