/** The factor of the inverse Gram matrix that second-order pruning works with: damped until it exists. */

import { UserError } from '../errors.js';
import { NotPositiveDefinite } from '../linalg/linalg.js';
import type { LayerInput, Products } from './pruner.js';

/** One factor per stack; scaled to a mean diagonal of 1 before damping, which changes no decision and no update. */
export interface Factors {
  /** For each stack, upper triangular U with H⁻¹ = Uᵀ U: [columns, columns]. */
  readonly U: readonly Float64Array[];
  /** 1 for inputs that were zero in every sample: [stacks * columns]. */
  readonly dead: Uint8Array;
  readonly notes: readonly string[];
}

/**
 * Layers with one input share its Gram matrix and come one after the other, so the last result is kept while the matrix lives.
 * A Gram matrix does not change once it was given.
 */
const latest = new WeakMap<Float64Array, { damping: number; columns: number; factors: Factors }>();
let latestGram: WeakRef<Float64Array> | undefined;

/**
 * @throws UserError when no damping up to a million times the mean diagonal makes the matrix positive definite.
 */
export async function inverseFactors(input: LayerInput, linalg: Products): Promise<Factors> {
  const gram = input.statistics.gram as Float64Array;
  const { damping = 0.01 } = input.options;
  if (!(damping >= 0 && damping < 1e6)) {
    throw new UserError('sparsegpt', `expected a damping of 0 or more, got ${damping}; 0.01 is the published one`);
  }
  const { columns } = input.weight;
  const known = latest.get(gram);
  if (known && known.damping === damping && known.columns === columns) return known.factors;
  const factors = await factorStacks(input, gram, damping, linalg);
  const previous = latestGram?.deref();
  if (previous) latest.delete(previous);
  latest.set(gram, { damping, columns, factors });
  latestGram = new WeakRef(gram);
  return factors;
}

async function factorStacks(
  input: LayerInput,
  gram: Float64Array,
  damping: number,
  linalg: Products,
): Promise<Factors> {
  const { stacks, columns } = input.weight;
  const U: Float64Array[] = [];
  const dead = new Uint8Array(stacks * columns);
  const notes: string[] = [];
  for (let stack = 0; stack < stacks; stack++) {
    const size = columns * columns;
    const scaled = scaledGram(gram.subarray(stack * size, (stack + 1) * size), columns);
    dead.set(scaled.dead, stack * columns);
    const { factor, raised } = await factorDamped(scaled.H, columns, damping, input, linalg);
    U.push(factor);
    if (raised !== damping)
      notes.push(`damping raised from ${damping} to ${raised}${stacks > 1 ? ` in stack ${stack}` : ''}`);
  }
  for (const note of notes) input.log?.(note);
  const count = dead.reduce((sum, value) => sum + value, 0);
  if (count > 0) notes.push(`${count} of ${dead.length} inputs are zero in every calibration sample`);
  return { U, dead, notes };
}

/** H over the mean of its diagonal; dead inputs, left out of that mean, get 1 on the diagonal and nothing beside it. */
function scaledGram(gram: Float64Array, n: number): { H: Float64Array; dead: Uint8Array } {
  const dead = new Uint8Array(n);
  let sum = 0;
  let live = 0;
  for (let j = 0; j < n; j++) {
    const diagonal = gram[j * n + j];
    if (diagonal > 0) {
      sum += diagonal;
      live++;
    } else dead[j] = 1;
  }
  const scale = live / sum;
  const H = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    if (dead[i]) H[i * n + i] = 1;
    else for (let j = 0; j < n; j++) if (!dead[j]) H[i * n + j] = gram[i * n + j] * scale;
  }
  return { H, dead };
}

/** Raises the damping tenfold until a factor exists. */
async function factorDamped(
  H: Float64Array,
  n: number,
  damping: number,
  input: LayerInput,
  linalg: Products,
): Promise<{ factor: Float64Array; raised: number }> {
  for (let added = 0, next = damping; ; next = next === 0 ? 0.001 : next * 10) {
    for (let j = 0; j < n; j++) H[j * n + j] += next - added;
    added = next;
    try {
      return { factor: await linalg.inverseFactor(H, n), raised: next };
    } catch (error) {
      if (!(error instanceof NotPositiveDefinite)) throw error;
      if (next > 1e5) {
        throw new UserError(
          `prune '${input.layer}'`,
          `no damping up to ${next} makes the Gram matrix positive definite; check the calibration data`,
          { cause: error },
        );
      }
    }
  }
}
