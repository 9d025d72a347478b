/** Models to take units out of: the bundled, those of the fixtures and the light and real ones that are shared. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fixturePath, networkNames } from '../autodiff/fixtures.js';
import { nodeTests } from '../helpers/onnx-files.js';
import { shared } from '../helpers/shared.js';

const bundled = fileURLToPath(new URL('../../models', import.meta.url));
const models = shared('models');

/** By a short name. */
export const networks: readonly (readonly [string, string])[] = [
  ...['cbf-fcn', 'gpt-sotu', 'iris', 'mnist-cnn'].map((name) => [name, join(bundled, name)] as const),
  ...networkNames.map((name) => [name, fixturePath(name, 'model.onnx')] as const),
  ...nodeTests()
    .filter((path) => path.includes('light_'))
    .map((path) => [path.split('/').at(-1)!, path] as const),
  ...(models ? ['resnet20-cifar10', 'mobilenet-vww', 'squeezenet-imagenet', 'stories260k'] : []).map(
    (name) => [`shared ${name}`, join(models!, name)] as const,
  ),
].map(([name, path]) => [name, path.endsWith('.onnx') ? path : firstModelIn(path)] as const);

function firstModelIn(folder: string): string {
  return join(folder, readdirSync(folder).filter((name) => name.endsWith('.onnx'))[0]!);
}
