/** Loads ONNX Runtime when it is first needed: commands that run nothing start without it. */
import type * as Ort from 'onnxruntime-node';

export type OrtModule = typeof Ort;

let loading: Promise<OrtModule> | undefined;

export const loadOrt = (): Promise<OrtModule> => (loading ??= importOrt());

async function importOrt(): Promise<OrtModule> {
  const ort = await import('onnxruntime-node');
  // what goes wrong comes back as an exception; without this the runtime prints it a second time
  ort.env.logLevel = 'fatal';
  return ort;
}
