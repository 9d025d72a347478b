/** Writes a model: untouched bytes verbatim from the file it was loaded from, the rest fresh; all or nothing. */
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../errors.js';
import { type Stage, stage } from '../files/stage.js';
import type { Model } from '../ir/types.js';
import { mostModelBytes } from './encode.js';
import { ExternalChanges } from './external-changes.js';
import { freshOutputs } from './fresh-model.js';
import { Layout } from './layout.js';
import { type ModelOrigin, originOf } from './load.js';
import { patchModel } from './patch-model.js';
import { replaceIn } from './patch-tensor.js';
import { Relocation } from './relocate.js';
import type { ByteSource } from './source.js';
import { type Output, wholeFile, writeRope } from './write-files.js';

export interface SaveOptions {
  /** Replace files that exist, the one the model was loaded from included. Default false. */
  readonly force?: boolean;
  /** Stops the save, which then has changed nothing. */
  readonly signal?: AbortSignal;
}

/**
 * Saves `model` at `path`. Fields, nodes and tensors that are as they were loaded keep every byte and their order; a
 * changed tensor keeps its storage (raw, typed, external, sparse). External data goes to `<name>.data` beside the
 * model (`<name>.1.data`, ... where there are several files), with the offsets it had, or where `model.layout` puts it; a
 * model that was not loaded keeps its weights inside up to 2 GiB. Files are written aside and renamed when all are complete.
 * @throws UserError when something exists and `force` is not set, when the source changed since it was loaded, or when
 * the model would exceed 2 GiB.
 */
export async function save(model: Model, path: string, { force = false, signal }: SaveOptions = {}): Promise<void> {
  const outputs = toWrite(model, path);
  const refuse = (): void => {
    const existing = outputs.find((output) => existsSync(output.path));
    if (existing && !force) throw new UserError(existing.path, 'the file exists; pass --force to replace it');
  };
  refuse();
  const staged = await stageOutputs(outputs, signal);
  try {
    // somebody may have made it meanwhile
    refuse();
    staged.commit();
  } finally {
    staged.discard();
  }
}

/** As `save`, up to the moment when the files get their names: data first, then the model that refers to it. */
export const stageModel = (model: Model, path: string, signal?: AbortSignal): Promise<Stage> =>
  stageOutputs(toWrite(model, path), signal);

/** Data that is already where it goes is not written again. */
const toWrite = (model: Model, path: string): Output[] =>
  outputsOf(model, path).filter((output, i) => i === 0 || !isUntouched(output));

/** The files that saving `model` at `path` would write once its weights changed, and how large they would be. */
export const savedFiles = (model: Model, path: string): { readonly path: string; readonly bytes: number }[] =>
  outputsOf(model, path).map(({ path: file, content }) => ({ path: file, bytes: content.length }));

const stageOutputs = (outputs: readonly Output[], signal: AbortSignal | undefined): Promise<Stage> =>
  stage(
    outputs.toReversed().map(({ path, content }) => ({ path, write: (place) => writeRope(place, content, signal) })),
  );

/** The model first. */
function outputsOf(model: Model, path: string): Output[] {
  const origin = originOf(model);
  const outputs = origin ? changedOutputs(model, origin, path) : freshOutputs(model, path);
  const { length } = outputs[0]!.content;
  if (length <= mostModelBytes) return outputs;
  throw new UserError(path, `expected at most 2 GiB, got ${length} bytes; keep large weights external`);
}

function changedOutputs(model: Model, origin: ModelOrigin, path: string): Output[] {
  if (model.layout) return laidOut(model, origin, new Layout(model.layout, path), path);
  const files = dataFiles(origin, path);
  const external = new ExternalChanges(origin.files);
  const renames = [...files].flatMap(([, { locations, name }]) =>
    locations.filter((location) => location !== name).map((location) => [location, name] as const),
  );
  const content = patchModel({ relocation: new Relocation(new Map(renames)), external }, origin, model);
  origin.body.source.assertUnchanged();
  const data = [...files].map(([source, { name }]) => ({
    path: join(dirname(path), name),
    content: external.contentOf(source),
  }));
  return [{ path, content }, ...data];
}

/** Every weight goes to its new place, those that did not change too. */
function laidOut(model: Model, origin: ModelOrigin, layout: Layout, path: string): Output[] {
  const { files, body } = origin;
  for (const { location, tensor } of files.references) files.source(location, tensor).assertUnchanged();
  const relocation = new Relocation(new Map(), replaceIn(layout, files));
  const content = patchModel({ relocation, external: new ExternalChanges(files), layout }, origin, model);
  body.source.assertUnchanged();
  return [{ path, content }, ...layout.outputs];
}

/** The data files of the model, each with the name it gets beside `path`. */
function dataFiles({ files }: ModelOrigin, path: string): Map<ByteSource, { locations: string[]; name: string }> {
  const found = new Map<ByteSource, { locations: string[]; name: string }>();
  for (const { location, tensor } of files.references) {
    const source = files.source(location, tensor);
    source.assertUnchanged();
    const known = found.get(source);
    if (!known) {
      const name = `${basename(path)}${found.size === 0 ? '' : `.${found.size}`}.data`;
      found.set(source, { locations: [location], name });
    } else if (!known.locations.includes(location)) known.locations.push(location);
  }
  return found;
}

/** Whether the output is the file it would be copied from. */
function isUntouched({ path, content }: Output): boolean {
  const whole = wholeFile(content);
  return whole !== undefined && existsSync(path) && realpathSync(path) === realpathSync(whole);
}
