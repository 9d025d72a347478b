/** The layers of a model, looked for where its nodes will be run and kept where its weights can be replaced. */
import type { Graph, Value } from '../ir/types.js';
import { findLayers, type Layer, type Skipped } from '../ops/layers.js';
import { flatCopy } from './working-copy.js';

export interface ModelLayers {
  /** Without branches that are decided beforehand and without functions. */
  readonly flat: Graph;
  /** Of the flat copy; their weights are values of the model. */
  readonly layers: readonly Layer[];
  readonly skipped: readonly Skipped[];
}

export function modelLayers(graph: Graph): ModelLayers {
  const flat = flatCopy(graph);
  const { layers, skipped } = findLayers(flat);
  const places = weightPlaces(graph);
  const isReplaceable = ({ weight }: Layer): boolean => places.has(weight);
  const inside = layers.filter((layer) => !isReplaceable(layer)).flatMap(({ uses }) => uses.map(({ node }) => node));
  return {
    flat,
    layers: layers.filter(isReplaceable),
    skipped: [
      ...skipped,
      ...inside.map((node) => ({
        node,
        reason: 'its weight is stored inside a branch or a function',
        isInside: true as const,
      })),
    ],
  };
}

/** The values of a model that hold a weight which can be replaced where it is. */
const weightPlaces = (graph: Graph): Set<Value> =>
  new Set([
    ...graph.initializers.keys(),
    ...graph.nodes
      .filter(({ op }) => op === 'Constant')
      .flatMap(({ outputs }) => outputs.filter((value) => value !== null)),
  ]);
