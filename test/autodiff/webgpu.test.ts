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
 * Those that are quickly compiled. Mobilenet, resnet, unet and densenet agree as well; lenet and bn-unfused do not, for the
 * convolutions below.
 */
const names = ['mlp', 'lstm', 'gpt2', 'llama', 'encoder', 'fcn', 'inception'] as const;

/** One Conv by its channels, `inputs:outputs:kernel`: onnxruntime 1.30 computes some wrongly on WebGPU. */
const convolutions = {
  right: ['1:8:5', '5:8:3', '8:8:3', '6:7:3', '12:8:3'],
  wrong: ['6:12:5', '6:12:3', '9:8:3'],
} as const;

interface Result {
  readonly error: number | null;
  readonly onGpu: readonly string[];
}
type Results = Readonly<Record<(typeof names)[number], Result>>;

describe.skipIf(!isInstalled || !folder)('gradients on a software WebGPU device', () => {
  let results: Results;

  let apart: Readonly<Record<string, number>>;

  // the loader reads its settings when a process starts, so the device is used in a process of its own
  beforeAll(async () => {
    const libraries = [driverFolder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':');
    const env = { ...process.env, VK_ICD_FILENAMES: driver, LD_LIBRARY_PATH: libraries };
    const printed = async (script: string, words: readonly string[]): Promise<string> => {
      const child = fileURLToPath(new URL(`./fixtures/${script}`, import.meta.url));
      return (await promisify(execFile)(process.execPath, [child, ...words], { env })).stdout;
    };
    const compare = async (networks: readonly string[]): Promise<Results> =>
      JSON.parse(await printed('webgpu.mjs', [folder!, ...networks]));
    // shaders are compiled on one thread: two processes take half the time
    const halves = await Promise.all([compare(names.slice(0, 4)), compare(names.slice(4))]);
    results = { ...halves[0], ...halves[1] };
    apart = JSON.parse(await printed('webgpu-conv.mjs', Object.values(convolutions).flat()));
  }, 400_000);

  test.each(names)('of %s equal the CPU’s', (name) => {
    const { error, onGpu } = results[name];
    expect(onGpu).toContain('Gemm');
    expect(error).not.toBeNull();
    expect(error).toBeLessThan(1e-4);
  });

  test.each(convolutions.right)('the convolution %s equals the CPU’s', (channels) => {
    expect(apart[channels]).toBeLessThan(1e-5);
  });

  test.each(convolutions.wrong)('the convolution %s does not, without any gradient', (channels) => {
    expect(apart[channels]).toBeGreaterThan(0.1);
  });
});
