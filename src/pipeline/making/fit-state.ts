/** The state of a fit as tensors by name. */
import type { FitState } from '../../fit/index.js';
import type { Tensor } from '../../tensor/tensor.js';

export function* tensorsOfState({ weights, slots, carried }: FitState): Generator<[string, Tensor]> {
  for (const [name, t] of weights) yield [`weight/${name}`, t];
  for (const [name, own] of slots) for (const [i, t] of own.entries()) yield [`slot${i}/${name}`, t];
  for (const [name, t] of carried ?? []) yield [`carried/${name}`, t];
}

export function stateFrom(tensors: ReadonlyMap<string, Tensor>, step: number): FitState {
  const weights = under(tensors, 'weight/');
  const slots = [...weights.keys()].map((name) => {
    const own: Tensor[] = [];
    for (let t = tensors.get(`slot0/${name}`); t; t = tensors.get(`slot${own.length}/${name}`)) own.push(t);
    return [name, own] as const;
  });
  return { step, weights, slots: new Map(slots), carried: under(tensors, 'carried/') };
}

/** Those whose names begin so, by the rest of their names. */
export const under = (tensors: ReadonlyMap<string, Tensor>, prefix: string): Map<string, Tensor> =>
  new Map(
    [...tensors].flatMap(([name, t]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), t] as const] : [])),
  );
