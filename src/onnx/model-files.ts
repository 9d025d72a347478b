/** The files that a model was loaded from. */
import type { Model } from '../ir/types.js';
import { originOf } from './load.js';
import type { ByteSource } from './source.js';

/** The model's own file and those of its external data, each once; none for a model from memory. */
export function modelFiles(model: Model): ByteSource[] {
  const origin = originOf(model);
  if (!origin) return [];
  const { body, files } = origin;
  const sources = [body.source, ...files.references.map(({ location, tensor }) => files.source(location, tensor))];
  return [...new Set(sources)].filter(({ path }) => path !== undefined);
}
