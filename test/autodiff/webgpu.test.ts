/** Gradients on WebGPU equal those on the CPU. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { shared } from '../helpers/shared.js';

/** Where scripts/webgpu-driver.sh puts the software driver. */
const driverFolder =
  process.env.SCALPEL_WEBGPU_DRIVER ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'onnx-scalpel', 'webgpu-driver');
const driver = join(driverFolder, 'vk_swiftshader_icd.json');
const isInstalled = existsSync(driver);
if (!isInstalled) console.warn(`skipped: webgpu, no driver in ${driverFolder}; run scripts/webgpu-driver.sh`);

const folder = shared('fixtures/gradients');

/**
 * Without convolutions: onnxruntime 1.30 computes some wrongly on WebGPU, those of models too. With a multiple of 4 outputs these
 * are 6 input channels without groups, and 5, 6, 9 or 25 outputs a group.
 */
const names = ['mlp', 'lstm', 'gpt2', 'llama', 'encoder'] as const;
interface Result {
  readonly error: number | null;
  readonly onGpu: readonly string[];
}
type Results = Readonly<Record<(typeof names)[number], Result>>;

describe.skipIf(!isInstalled || !folder)('gradients on a software WebGPU device', () => {
  let results: Results;

  // the loader reads its settings when a process starts, so the device is used in a process of its own
  beforeAll(async () => {
    const child = fileURLToPath(new URL('./fixtures/webgpu.mjs', import.meta.url));
    const libraries = [driverFolder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':');
    const env = { ...process.env, VK_ICD_FILENAMES: driver, LD_LIBRARY_PATH: libraries };
    const compare = async (networks: readonly string[]): Promise<Results> => {
      const { stdout } = await promisify(execFile)(process.execPath, [child, folder!, ...networks], { env });
      return JSON.parse(stdout);
    };
    // shaders are compiled on one thread: two processes take half the time
    const halves = await Promise.all([compare(names.slice(0, 3)), compare(names.slice(3))]);
    results = { ...halves[0], ...halves[1] };
  }, 120_000);

  test.each(names)('of %s equal the CPU’s', (name) => {
    const { error, onGpu } = results[name];
    expect(onGpu).toContain('Gemm');
    expect(error).not.toBeNull();
    expect(error).toBeLessThan(1e-4);
  });
});
