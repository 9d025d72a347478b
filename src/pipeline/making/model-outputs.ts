/** Where a run that makes a model writes, what it reads, and whether that can be. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { checkSpace } from '../../files/space.js';
import { removeLeftovers } from '../../files/temporary.js';
import { modelFiles } from '../../onnx/model-files.js';
import { savedFiles } from '../../onnx/save.js';
import type { OutputRequest } from '../prune/request.js';
import type { Scene } from '../prune/scene.js';
import { isSelf } from '../self-calibration.js';
import { checkFiles, reportFiles } from './check-outputs.js';
import { ownFiles } from './publish.js';
import type { MakingRequest } from './request.js';
import { type SpaceScene, spaceFor } from './space.js';

/** @throws UserError when a place is taken, or there is no room. */
export async function checkModelOutputs(
  scene: SpaceScene & Pick<Scene, 'pruned'>,
  request: MakingRequest,
  output: OutputRequest,
): Promise<void> {
  const { outputs, inputs } = placesOf(scene, request, output);
  await checkFiles({ outputs, inputs, force: output.force, own: ownFiles(output.run) });
  for (const folder of new Set(outputs.map((path) => dirname(path)))) removeLeftovers(folder);
  checkSpace(spaceFor(scene, request, output, existsSync(output.run)));
}

/** What a run writes under a final name, and what it reads. */
export function placesOf(
  { model, pruned }: Pick<Scene, 'model' | 'pruned'>,
  request: MakingRequest,
  output: OutputRequest,
): { readonly outputs: readonly string[]; readonly inputs: readonly string[] } {
  const { calibration, evaluation } = request;
  const models = [model, ...(pruned ? [pruned.dense.model] : [])].flatMap((each) => modelFiles(each));
  return {
    outputs: [...savedFiles(model, output.model).map(({ path }) => path), ...reportFiles(output)],
    inputs: [
      ...[request.model, ...(pruned ? [pruned.dense.path] : []), ...models.map(({ name }) => name)],
      ...(calibration && !isSelf(calibration) ? calibration.files : []),
      ...(evaluation?.files ?? []),
    ],
  };
}
