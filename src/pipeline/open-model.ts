/** Loads the model that a job is about, and refuses one whose graph is no graph before anything is computed. */
import { UserError } from '../errors.js';
import type { Model } from '../ir/types.js';
import { verify } from '../ir/verify.js';
import { load } from '../onnx/load.js';

/** @throws UserError naming the file, and the node or value where it reads what nothing makes, a name stands twice, or a cycle closes. */
export function openModel(path: string): Model {
  const model = load(path);
  try {
    verify(model.graph);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(path, error.message, { cause: error, exitCode: error.exitCode });
  }
  return model;
}
