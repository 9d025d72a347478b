/** stagedForm: the files of a form, complete but without their names. */
import type { Converted } from '../../convert/index.js';
import { type Stage, stage } from '../../files/stage.js';
import { writeNew } from '../../files/whole-file.js';
import { stageModel } from '../../onnx/save.js';
import { encodeSafetensors } from '../../tensor/safetensors.js';
import { besidePaths } from './places.js';

/** What goes beside the model or the tensors, and these last. @throws UserError when one cannot be written; then nothing stays. */
export async function stagedForm(converted: Converted, file: string, signal: AbortSignal): Promise<[Stage, Stage]> {
  const beside = await stageBeside(converted, file);
  try {
    return [beside, await stageMade(converted, file, signal)];
  } catch (error) {
    beside.discard();
    throw error;
  }
}

const stageBeside = ({ beside = new Map() }: Converted, file: string): Promise<Stage> =>
  stage(
    [...besidePaths(beside, file)].map(([path, text]) => ({
      path,
      write: (place) => writeNew(place, [Buffer.from(text)]),
    })),
  );

function stageMade({ made }: Converted, file: string, signal: AbortSignal): Promise<Stage> {
  if (made.kind === 'model') return stageModel(made.model, file, signal);
  const metadata = Object.fromEntries(made.metadata);
  return stage([{ path: file, write: (place) => writeNew(place, encodeSafetensors(made.tensors, metadata, file)) }]);
}
