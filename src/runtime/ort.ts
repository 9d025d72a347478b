/** Loads ONNX Runtime when it is first needed: commands that run nothing start without it. */
import type * as Ort from 'onnxruntime-node';

export type OrtModule = typeof Ort;

let loading: Promise<OrtModule> | undefined;

export const loadOrt = (): Promise<OrtModule> => (loading ??= importOrt());

async function importOrt(): Promise<OrtModule> {
  // from 1.30 on it reports its use on Linux too, and leaves a log in the system's temporary folder for every process
  process.env.ORT_DISABLE_TELEMETRY ??= '1';
  const ort = await import('onnxruntime-node');
  // what goes wrong comes back as an exception; without this the runtime prints it a second time
  ort.env.logLevel = 'fatal';
  return ort;
}
