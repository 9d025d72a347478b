/** The files of a model that was not loaded from one: as long as it fits one file, else with its weights beside it. */
import { basename, dirname, join } from 'node:path';
import type { Model } from '../ir/types.js';
import type { Tensor } from '../tensor/tensor.js';
import { mostModelBytes, writeModel } from './encode.js';
import { Rope } from './rope.js';
import type { Output } from './write-files.js';
import type { PlaceOf } from './write-graph.js';

/** Smaller tensors stay in the model. */
const leastExternalBytes = 1024;

/** Where weights start, so that a runtime can map the file instead of reading it. */
const alignment = 4096;

/**
 * The model first. Above `most` bytes every large initializer goes to `<name>.data` beside it, subgraphs' too: a copy of its own,
 * wherever the bytes lay before.
 */
export function freshOutputs(model: Model, path: string, most = mostModelBytes): Output[] {
  const whole = fresh(model);
  if (whole.length <= most) return [{ path, content: whole }];
  const data = new Rope();
  const location = `${basename(path)}.data`;
  const content = fresh(model, placesIn(data, location));
  return [
    { path, content },
    { path: join(dirname(path), location), content: data },
  ];
}

const fresh = ({ graph, irVersion, producer, metadata }: Model, external?: PlaceOf): Rope =>
  writeModel(graph, { irVersion, ...(external && { external }) }, { producer, metadata });

/** Appends each tensor to `data` when it is first asked for. */
function placesIn(data: Rope, location: string): PlaceOf {
  const places = new Map<Tensor, ReturnType<PlaceOf>>();
  return (tensor) => {
    const { strings, payload } = tensor;
    if (strings || payload.byteLength < leastExternalBytes) return undefined;
    const known = places.get(tensor);
    if (known) return known;
    data.bytes(new Uint8Array((alignment - (data.length % alignment)) % alignment));
    const place = { location, offset: data.length, length: payload.byteLength };
    data.payload(payload);
    places.set(tensor, place);
    return place;
  };
}
