/** Where a conversion writes. */
import { dirname, join, resolve } from 'node:path';
import type { Converted } from '../../convert/index.js';
import { UserError } from '../../errors.js';
import { savedFiles } from '../../onnx/save.js';
import type { ConvertOutput } from './request.js';

export const reportFiles = ({ report }: Pick<ConvertOutput, 'report'>): string[] =>
  ['report.json', 'report.html'].map((name) => join(report, name));

/** Every file but the report's, the model or the tensors first. @throws UserError where two would have one name. */
export function outputFiles(
  { made, beside = new Map() }: Converted,
  file: string,
): { readonly path: string; readonly bytes: number }[] {
  const main =
    made.kind === 'model'
      ? savedFiles(made.model, file)
      : [{ path: file, bytes: [...made.tensors.values()].reduce((sum, t) => sum + t.payload.byteLength, 0) }];
  const others = [...besidePaths(beside, file)].map(([path, text]) => ({ path, bytes: Buffer.byteLength(text) }));
  const taken = others.find(({ path }) => main.some((each) => resolve(each.path) === resolve(path)));
  if (taken)
    throw new UserError(taken.path, 'expected a name that no file beside the model has; choose another --output');
  return [...main, ...others];
}

/** Texts that go beside a model, by path. */
export const besidePaths = (beside: ReadonlyMap<string, string>, file: string): Map<string, string> =>
  new Map([...beside].map(([name, text]) => [join(dirname(file), name), text]));
