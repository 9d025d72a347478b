/** Reads an ONNX file as a model: structure at once, payloads when asked for. */
import { UserError } from '../errors.js';
import type { FunctionDefinition, Model } from '../ir/types.js';
import { ExternalFiles } from './external-data.js';
import { toNumber } from './protobuf.js';
import { readFunction, readGraph, readOpsets, Scope } from './read-graph.js';
import { delimited, readLight } from './read-message.js';
import { fieldNumber } from './schema.js';
import { type ByteSource, fileSource, memorySource } from './source.js';
import { type Body, bodyOf, records, wholeOf } from './wire.js';

/** What a model was read from; saving emits everything untouched from here. */
export interface ModelOrigin {
  /** The model as it was read. */
  readonly model: Model;
  readonly body: Body;
  readonly files: ExternalFiles;
}

/**
 * Loads a model file. Tensor payloads are not read: they stay ranges of the file, which must not be written to
 * while the model is used (replacing it by a rename is safe).
 * @throws UserError when the file is no ONNX model or damaged, with the byte where that shows.
 */
export const load = (path: string): Model => read(fileSource(path), path);

/**
 * Loads a model from memory, which is not copied.
 * @param beside where the model would lie: external data are read from that folder, and cannot be read without.
 */
export const loadBytes = (bytes: Uint8Array, beside?: string): Model => read(memorySource(bytes), beside);

function read(source: ByteSource, path?: string): Model {
  const body = wholeOf(source);
  const all = records(body);
  const light = readLight('ModelProto', body, all);
  const graphs = delimited(all, fieldNumber('ModelProto', 'graph'));
  if (graphs.length === 0)
    throw new UserError(source.name, 'expected an ONNX model with a graph, found none; check the path');
  const opsets = readOpsets(light.opsetImport);
  const functions: FunctionDefinition[] = [];
  const reading = { files: new ExternalFiles(path), functions };
  for (const record of delimited(all, fieldNumber('ModelProto', 'functions'))) {
    functions.push(readFunction(bodyOf(source, [record]), reading));
  }
  const content: Omit<Model, 'origin'> = {
    graph: readGraph(bodyOf(source, graphs), reading, new Scope(opsets)),
    irVersion: toNumber(light.irVersion),
    producer: light.producerName,
    metadata: new Map(light.metadataProps.map(({ key, value }) => [key, value])),
    ...(path === undefined ? {} : { path }),
  };
  const origin: { model: Model; body: Body; files: ExternalFiles } = { model: content, body, files: reading.files };
  const model: Model = { ...content, origin };
  origin.model = model;
  return model;
}

/** What `model` was loaded from, if it was. */
export const originOf = (model: Model): ModelOrigin | undefined => model.origin as ModelOrigin | undefined;
