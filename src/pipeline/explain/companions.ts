/** companionsFrom: the models given beside the one that is explained, by path. */
import { type Companions, type Embedded, type End, embedded } from '../../counterfactual/index.js';
import type { Samples } from '../../data/index.js';
import type { Graph } from '../../ir/types.js';
import { type Bounds, type Network, scalingOf } from '../../oracle/index.js';
import { openModel } from '../open-model.js';
import { workingCopy } from '../working-copy.js';
import { classNamed } from './classes.js';
import type { CompanionPaths } from './request.js';

/** The output of an encoder that is the mean of a latent distribution, where it has others. */
const meanName = 'mean';

/**
 * @param classes what the data call them. @throws UserError for models that do not take or give what they should, and for classes that are none.
 */
export function companionsFrom(
  { perClass = {}, ...paths }: CompanionPaths,
  { network, bounds, samples }: { network: Network; bounds: Bounds; samples: Samples },
): Companions {
  const examples: End = { kind: 'examples', network, scaling: scalingOf(bounds, [0, 1]) };
  const latent: End = { kind: 'latent' };
  const ends = {
    autoencoder: { from: examples, to: examples },
    encoder: { from: examples, to: latent },
    decoder: { from: latent, to: examples },
    flow: { from: examples, to: { kind: 'number' } },
  } as const satisfies Record<keyof typeof paths, { from: End; to: End }>;
  const taken = (path: string, role: keyof typeof ends): Embedded => {
    const { graph } = openModel(path);
    return embedded(path, workingCopy(graph), ends[role], role === 'encoder' ? meanOf(graph) : undefined);
  };
  const given = Object.entries(paths) as [keyof typeof ends, string][];
  const own = Object.entries(perClass).map(
    ([name, path]) => [classNamed('--class-autoencoder', name, samples), taken(path, 'autoencoder')] as const,
  );
  const single: Companions = Object.fromEntries(given.map(([role, path]) => [role, taken(path, role)]));
  const { encoder, decoder } = single;
  return {
    ...(encoder && decoder && { autoencoder: bothOf(encoder, decoder) }),
    ...single,
    ...(own.length > 0 && { perClass: new Map(own) }),
  };
}

/** A variational autoencoder reconstructs too. */
const bothOf = (encoder: Embedded, decoder: Embedded): Embedded => ({
  name: `${encoder.name} and ${decoder.name}`,
  emit: (g, x) => decoder.emit(g, encoder.emit(g, x)),
});

const meanOf = ({ outputs }: Graph): string | undefined =>
  outputs.length > 1 && outputs.some(({ name }) => name === meanName) ? meanName : undefined;
