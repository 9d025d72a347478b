/** Versions that decide the bits of a result. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const version = (path: string | URL): string => (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;

/** onnx-scalpel, Node and ONNX Runtime. */
export const versions = (): Readonly<Record<string, string>> => ({
  'onnx-scalpel': version(new URL('../../package.json', import.meta.url)),
  node: process.versions.node,
  'onnxruntime-node': version(createRequire(import.meta.url).resolve('onnxruntime-node/package.json')),
});

export const platform = (): string => `${process.platform}-${process.arch}`;
