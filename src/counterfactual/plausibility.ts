/** plausibility: the term that a search asks to be paid for what is unlike the examples of the class it goes to. */
import { gravity } from '../density/index.js';
import { UserError } from '../errors.js';
import { rowAt } from '../oracle/packed.js';
import type { Case } from './case.js';
import { attraction, attractorInput } from './terms/attraction.js';
import { implausibility } from './terms/density.js';
import { flowDensity, reconstructionError } from './terms/reconstruction.js';
import type { Term } from './terms/term.js';

export interface PlausibilityOptions {
  readonly neighbours: number;
}

type Maker = (asked: Case, options: PlausibilityOptions) => Promise<Term> | Term;

/** By name; each feeds the case what its term reads. */
export const plausibilities = {
  kde: async ({ reference, label }) => implausibility(`kde ${label}`, await reference!.kde(label), reference!.frame),
  gmm: async ({ reference, label }) => implausibility(`gmm ${label}`, await reference!.gmm(label), reference!.frame),
  /** The mean of the nearest examples of the class, the densest of them the most: the same all through the search. */
  gravity(asked, { neighbours }) {
    const own = asked.reference!.of(asked.label);
    const k = Math.min(neighbours, own.length / asked.size);
    const pull = gravity(own, asked.size, k);
    return attracted(asked, 'gravity', (row) => pull(rowAt(asked.x, asked.size, row)).centre);
  },
  /** The mean of the nearest examples of the class: Van Looveren, Klaise, Interpretable counterfactual explanations guided by prototypes (arXiv 1907.02584), without an encoder. */
  prototype(asked, { neighbours }) {
    const { size, reference, label } = asked;
    const own = reference!.of(label);
    const tree = reference!.neighbours(label);
    return attracted(asked, 'prototype', (row) => {
      const { indices } = tree.nearest(rowAt(asked.x, size, row), Math.min(neighbours, tree.rows));
      const mean = new Float64Array(size);
      for (const i of indices) for (let j = 0; j < size; j++) mean[j]! += own[i * size + j]! / indices.length;
      return mean;
    });
  },
  autoencoder: ({ companions }) => reconstructionError(companions.autoencoder!),
  flow: ({ companions }) => flowDensity(companions.flow!),
} as const satisfies Record<string, Maker>;

export type PlausibilityName = keyof typeof plausibilities;
export const plausibilityNames = Object.keys(plausibilities) as PlausibilityName[];

/** @throws UserError when what it goes by was not given. */
export function plausibilityOf(
  name: PlausibilityName,
  asked: Case,
  options: PlausibilityOptions,
): Promise<Term> | Term {
  const isGiven = name === 'autoencoder' || name === 'flow' ? asked.companions[name] : asked.reference;
  if (!isGiven) {
    const option = name === 'autoencoder' || name === 'flow' ? `--${name}` : '--reference';
    throw new UserError('explain', `plausibility by ${name} expected ${option}, got none; give it, or take another`);
  }
  return plausibilities[name](asked, options);
}

function attracted(asked: Case, name: string, centre: (row: number) => Float64Array): Term {
  const { size, count } = asked;
  const all = new Float32Array(count * size);
  for (const row of asked.all) all.set(centre(row), row * size);
  asked.feed(attractorInput, all, size);
  return attraction(name, all, size);
}
