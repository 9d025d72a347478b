/** plausibility: the term that a search asks to be paid for what is unlike the examples of the class it goes to. */
import { gravity } from '../../density/index.js';
import { rowAt } from '../../oracle/packed.js';
import type { Case } from '../case.js';
import type { Need } from '../explainer.js';
import { attraction, attractorInput } from '../terms/attraction.js';
import { implausibility } from '../terms/density.js';
import { flowDensity, reconstructionError } from '../terms/reconstruction.js';
import type { Term } from '../terms/term.js';
import { prototypes } from './prototypes.js';

export interface PlausibilityOptions {
  readonly neighbours: number;
}

interface Plausibility {
  /** What it goes by. */
  readonly by: Need;
  /** Feeds the case what the term reads. */
  term(asked: Case, options: PlausibilityOptions): Promise<Term> | Term;
}

export const plausibilities = {
  kde: { by: 'reference', term: densityTerm('kde') },
  gmm: { by: 'reference', term: densityTerm('gmm') },
  gravity: { by: 'reference', term: gravityTerm },
  prototype: { by: 'reference', term: prototypeTerm },
  autoencoder: { by: 'autoencoder', term: ({ companions }) => reconstructionError(companions.autoencoder!) },
  flow: { by: 'flow', term: ({ companions }) => flowDensity(companions.flow!) },
} as const satisfies Record<string, Plausibility>;

export type PlausibilityName = keyof typeof plausibilities;
export const plausibilityNames = Object.keys(plausibilities) as PlausibilityName[];

function densityTerm(kind: 'kde' | 'gmm') {
  return async ({ reference, label }: Case): Promise<Term> =>
    implausibility(`${kind} ${label}`, await reference![kind](label), reference!.frame);
}

/** The mean of the nearest examples of the class, the densest of them the most: the same all through the search. */
function gravityTerm(asked: Case, { neighbours }: PlausibilityOptions): Term {
  const own = asked.reference!.of(asked.label);
  const pull = gravity(own, asked.size, Math.min(neighbours, own.length / asked.size));
  return attracted(asked, 'gravity', (row) => pull(rowAt(asked.x, asked.size, row)).centre);
}

/**
 * The mean of the nearest examples of the class: Van Looveren, Klaise, Interpretable counterfactual explanations guided by prototypes
 * (arXiv 1907.02584), without an encoder.
 */
function prototypeTerm(asked: Case, { neighbours }: PlausibilityOptions): Term {
  const { size, reference, label, x } = asked;
  const given = { neighbours, kind: 'mean' } as const;
  const centres = prototypes(reference!.neighbours(label), reference!.of(label), x, given);
  return attracted(asked, 'prototype', (row) => rowAt(centres, size, row));
}

function attracted(asked: Case, name: string, centre: (row: number) => ArrayLike<number>): Term {
  const { size, count } = asked;
  const all = new Float32Array(count * size);
  for (const row of asked.all) all.set(centre(row), row * size);
  asked.feed(attractorInput, all, size);
  return attraction(name, all, size);
}
