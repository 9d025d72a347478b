/** The files of a model that was not loaded from one: as it asks, or else one as long as it fits, then with its weights beside it. */
import type { Model, WeightLayout } from '../ir/types.js';
import { mostModelBytes, writeModel } from './encode.js';
import { Layout } from './layout.js';
import type { Rope } from './rope.js';
import type { Output } from './write-files.js';
import type { PlaceOf } from './write-graph.js';

/** Smaller tensors stay in the model; the others start where a runtime can map the file instead of reading it. */
const beside: WeightLayout = { threshold: 1024, align: 4096, most: Number.POSITIVE_INFINITY };

/**
 * The model first. Above `most` bytes, or where the model has a layout, every large initializer goes to a file beside it,
 * subgraphs' too: a copy of its own, wherever the bytes lay before.
 */
export function freshOutputs(model: Model, path: string, most = mostModelBytes): Output[] {
  const { layout } = model;
  const whole = layout ? undefined : fresh(model, () => undefined);
  if (whole && whole.length <= most) return [{ path, content: whole }];
  const places = new Layout(layout ?? beside, path);
  const content = fresh(model, (tensor, name) => places.place(tensor, name));
  return [{ path, content }, ...places.outputs];
}

const fresh = ({ graph, irVersion, producer, metadata }: Model, place: PlaceOf): Rope => {
  const external: PlaceOf = (tensor, name) => (tensor.storage?.kind === 'sparse' ? 'sparse' : place(tensor, name));
  return writeModel(graph, { irVersion, external }, { producer, metadata });
};
