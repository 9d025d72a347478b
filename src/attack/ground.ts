/** openGround: a model and data made ready for any number of attacks. */
import type { Samples } from '../data/samples.js';
import type { Graph } from '../ir/types.js';
import { type Bounds, boundsOf, type Range } from '../oracle/bounds.js';
import { type Network, type NetworkOptions, openNetwork } from '../oracle/network.js';
import { NetworkOracle, type Oracle, type OracleOptions } from '../oracle/oracle.js';
import { asking } from '../oracle/readings.js';
import type { Space } from '../oracle/space.js';
import type { Ground } from './run.js';
import { findSubjects } from './subjects.js';

export interface GroundOptions extends NetworkOptions {
  readonly most?: number | undefined;
  readonly chunk?: { readonly index: number; readonly parts: number } | undefined;
  readonly mask?: ((space: Space) => Uint8Array) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Answers in place of the graph's own gradients. */
  readonly oracle?: ((network: Network, bounds: Bounds, range: Range) => Oracle) | undefined;
}

/** A ground, and what it was made of. Release it when done. */
export interface OpenGround extends Ground {
  readonly network: Network;
  release(): Promise<void>;
}

/**
 * @param graph a working copy in float32. @param bounds from the space that the input turned out to have.
 * @throws UserError when the model is no classifier of these data.
 */
export async function openGround(
  graph: Graph,
  samples: Samples,
  bounds: (network: Network) => Bounds | Promise<Bounds>,
  runs: OracleOptions,
  options: GroundOptions = {},
): Promise<OpenGround> {
  const { batch, ...compile } = runs;
  const { most, chunk, mask, signal, oracle, ...wanted } = options;
  const first = samples.batch(0, Math.min(samples.count, samples.fixedBatch ?? 2));
  const network = await openNetwork(graph, first, wanted, compile);
  const { space } = network;
  const box = await bounds(network);
  const model = new NetworkOracle(network, boundsOf([[0, 1]], space, 'as it is'), [0, 1], runs);
  const oracles = new Map<string, Oracle>();
  const subjects = await findSubjects(network, samples, asking(model), { most, chunk, batch, signal });
  return {
    network,
    space,
    bounds: box,
    subjects,
    mask: mask?.(space),
    model,
    oracle(range) {
      const name = range.join(' ');
      const known = oracles.get(name) ?? oracle?.(network, box, range) ?? new NetworkOracle(network, box, range, runs);
      oracles.set(name, known);
      return known;
    },
    async release() {
      for (const each of [model, ...oracles.values()]) await each.release();
    },
  };
}
