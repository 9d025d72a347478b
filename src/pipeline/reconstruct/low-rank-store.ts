/** Low-rank changes that stay beside layers, as the model will store them and as a step of the run directory keeps them. */
import type { Layer } from '../../ops/layers.js';
import type { LowRank } from '../../reconstruct/solver.js';
import { floatsOf, tensorOf } from '../../tensor/convert.js';
import type { Tensor } from '../../tensor/tensor.js';
import { widened } from './weight-places.js';

/** Rounded to the type that the product has in the model, the scale in B: later regions see what is stored. */
export function settled({ A, B, scale }: LowRank, { uses }: Layer): LowRank {
  const type = uses[0]!.dtype;
  const rounded = (t: Tensor, factor: number): Tensor =>
    tensorOf(
      type,
      t.shape,
      floatsOf(t).map((value) => value * factor),
    );
  return { A: rounded(A, 1), B: rounded(B, scale), scale: 1 };
}

/** @param changes settled, by name of the layer. */
export const tensorsOf = (changes: ReadonlyMap<string, LowRank>): Map<string, Tensor> =>
  new Map(
    [...changes].flatMap(([name, { A, B }]) => [
      [`${name}/A`, A],
      [`${name}/B`, B],
    ]),
  );

/** @param names of the layers whose changes are among the tensors. */
export const changesIn = (
  tensors: ReadonlyMap<string, Tensor>,
  names: readonly string[],
): ReadonlyMap<string, LowRank> =>
  new Map(
    names.map((name) => {
      const [A, B] = ['A', 'B'].map((part) => widened(tensors.get(`${name}/${part}`)!));
      return [name, { A: A!, B: B!, scale: 1 }];
    }),
  );
