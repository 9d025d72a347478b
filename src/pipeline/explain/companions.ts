/** companionsFrom: the models given beside the one that is explained, by path. */
import { type Companions, type End, embedded } from '../../counterfactual/index.js';
import type { Graph } from '../../ir/types.js';
import { type Bounds, type Network, scalingOf } from '../../oracle/index.js';
import { openModel } from '../open-model.js';
import { workingCopy } from '../working-copy.js';
import type { CompanionPaths } from './request.js';

/** The output of an encoder that is the mean of a latent distribution, where it has others. */
const meanName = 'mean';

/** @throws UserError for models that do not take or give what they should. */
export function companionsFrom(paths: CompanionPaths, network: Network, bounds: Bounds): Companions {
  const examples: End = { kind: 'examples', network, scaling: scalingOf(bounds, [0, 1]) };
  const latent: End = { kind: 'latent' };
  const ends = {
    autoencoder: { from: examples, to: examples },
    encoder: { from: examples, to: latent },
    decoder: { from: latent, to: examples },
    flow: { from: examples, to: { kind: 'number' } },
  } as const satisfies Record<keyof CompanionPaths, { from: End; to: End }>;
  return Object.fromEntries(
    Object.entries(ends).flatMap(([role, between]) => {
      const path = paths[role as keyof CompanionPaths];
      if (path === undefined) return [];
      const { graph } = openModel(path);
      return [[role, embedded(path, workingCopy(graph), between, role === 'encoder' ? meanOf(graph) : undefined)]];
    }),
  );
}

const meanOf = ({ outputs }: Graph): string | undefined =>
  outputs.length > 1 && outputs.some(({ name }) => name === meanName) ? meanName : undefined;
