/** Model files for tests: the ONNX project's node tests and the shared models. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { shared } from './shared.js';

/** A fresh folder; who asks for it removes it. */
export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'scalpel-test-'));

let unpacked: string[] | undefined;

/** Every `.onnx` of the shared archive, unpacked into a temporary folder; empty where the archive is absent. Call it while tests are collected. */
export function nodeTests(): string[] {
  unpacked ??= unpack();
  return unpacked;
}

function unpack(): string[] {
  const archive = shared('fixtures/onnx-node.tar.gz');
  if (!archive) return [];
  const folder = temporaryFolder();
  afterAll(() => rmSync(folder, { recursive: true }));
  execFileSync('tar', ['-xzf', archive, '-C', folder]);
  return modelsUnder(folder);
}

export function sharedModels(): string[] {
  const folder = shared('models');
  return folder ? modelsUnder(folder) : [];
}

const modelsUnder = (folder: string): string[] =>
  (readdirSync(folder, { recursive: true }) as string[])
    .filter((name) => name.endsWith('.onnx'))
    .map((name) => join(folder, name))
    .sort();
