import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';

/** Where scripts/webgpu-driver.sh puts the software driver. */
const folder =
  process.env.SCALPEL_WEBGPU_DRIVER ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'onnx-scalpel', 'webgpu-driver');
const driver = join(folder, 'vk_swiftshader_icd.json');
const isInstalled = existsSync(driver);
if (!isInstalled) console.warn(`skipped: webgpu, no driver in ${folder}; run scripts/webgpu-driver.sh`);

const names = ['matmul', 'columnNorm', 'gram'] as const;
interface Result {
  readonly error: number;
  readonly onGpu: readonly string[];
}

describe.skipIf(!isInstalled)('on a software WebGPU device', () => {
  let results: Readonly<Record<(typeof names)[number], Result>>;

  // the loader reads its settings when a process starts, so the device is used in a process of its own
  beforeAll(async () => {
    const child = fileURLToPath(new URL('./fixtures/webgpu.mjs', import.meta.url));
    const libraries = [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':');
    const env = { ...process.env, VK_ICD_FILENAMES: driver, LD_LIBRARY_PATH: libraries };
    const { stdout } = await promisify(execFile)(process.execPath, [child], { env });
    results = JSON.parse(stdout);
  });

  test.each(names)('%s equals the CPU’s', (name) => {
    const { error, onGpu } = results[name];
    expect(onGpu).toContain('MatMul');
    expect(error).toBeLessThan(1e-4);
  });
});
