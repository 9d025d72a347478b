/** manifoldOf: whether counterfactuals lie where examples of their new class do, by how autoencoders reconstruct them. */
import { concatenated, rowAt } from '../../oracle/packed.js';
import type { Finding } from '../finding.js';
import type { Embedded } from '../ground/embedded.js';
import { isRange } from '../ground/goals.js';
import { asPoints, type Ground } from '../ground/ground.js';
import { encodings } from '../latent/encodings.js';
import { squaredDistance } from '../terms/distance.js';

export interface Manifold {
  /** |x - AE_target(x)|^2 / (|x - AE_before(x)|^2 + eps): below 1 where it looks more like its new class than like the one before. */
  readonly im1?: number;
  /** |AE_target(x) - AE_all(x)|^2 / (|x|_1 + eps): small where what is usual of the class is usual of all. */
  readonly im2?: number;
}

const eps = 1e-6;

/**
 * Van Looveren, Klaise, Interpretable counterfactual explanations guided by prototypes (arXiv 1907.02584), equations 8 and 9, with
 * elements in [0, 1] between the bounds. @returns in the order of the findings; nothing where autoencoders are not given.
 */
export async function manifoldOf(
  findings: readonly Finding[],
  { companions: { perClass, autoencoder }, bounds, network, wish }: Ground,
): Promise<Manifold[]> {
  const rows = [...findings.keys()].filter((i) => perClass?.has(findings[i]!.target));
  const made: Manifold[] = findings.map(() => ({}));
  if (!perClass || rows.length === 0 || isRange(wish.goal)) return made;
  const { size } = network.space;
  const points = concatenated(rows.map((i) => asPoints(findings[i]!.counterfactual, bounds)));
  const asked = [...perClass.values(), ...(autoencoder ? [autoencoder] : [])];
  const said = new Map<Embedded, Float32Array>();
  for (const one of asked) said.set(one, (await encodings(one, [points], size))[0]!);
  const ones = new Float32Array(size).fill(1);
  rows.forEach((i, at) => {
    const { target, predicted } = findings[i]!;
    const x = rowAt(points, size, at);
    const by = (one: Embedded | undefined): Float32Array | undefined => one && rowAt(said.get(one)!, size, at);
    const [own, before, all] = [by(perClass.get(target))!, by(perClass.get(predicted)), by(autoencoder)];
    const length = x.reduce((sum, value) => sum + Math.abs(value), 0);
    made[i] = {
      ...(before &&
        target !== predicted && { im1: squaredDistance(x, own, ones) / (squaredDistance(x, before, ones) + eps) }),
      ...(all && { im2: squaredDistance(own, all, ones) / (length + eps) }),
    };
  });
  return made;
}
