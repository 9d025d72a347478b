import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Manifest, RunDirectory } from '../../src/run/run-directory.js';
import { dataOf, float32, type Tensor } from '../../src/tensor/tensor.js';

const manifest: Manifest = {
  schemaVersion: 1,
  command: 'prune',
  versions: { node: '20' },
  platform: 'linux-x64',
  provider: 'cpu',
  threads: 2,
  files: [],
  options: { seed: 0 },
};
const tensors = new Map<string, Tensor>([['w', float32([3], Float32Array.of(1, -0, 3))]]);
const facts = { zeros: 1, note: 'π' };

let path = '';
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'scalpel-run-')), 'out.run');
});
afterEach(() => rmSync(join(path, '..'), { recursive: true, force: true }));

/** A directory with one finished step, left as a stopped run leaves it. */
async function leave(): Promise<void> {
  const run = await RunDirectory.open(path, manifest);
  await run.write('region-0000', tensors, facts);
  run.close(true);
}

describe('a run directory', () => {
  test('gives back what was written, after a resume too', async () => {
    await leave();
    const run = await RunDirectory.open(path, manifest);
    expect([run.resumed, run.hasCheckpoints]).toEqual([true, true]);
    const found = await run.checkpoint('region-0000');
    expect(found?.facts).toEqual(facts);
    expect(dataOf(found?.tensors.get('w') as Tensor)).toEqual(Float32Array.of(1, -0, 3));
    expect(await run.checkpoint('region-0001')).toBeUndefined();
    expect(RunDirectory.peek(path, 'region-0000')).toEqual(facts);
    run.close(false);
    expect(readdirSync(join(path, '..'))).toEqual([]);
  });

  test('forgets a step that was removed, and one that is not there', async () => {
    const run = await RunDirectory.open(path, manifest);
    await run.write('region-0000', tensors, facts);
    for (const name of ['region-0000', 'region-0001']) run.remove(name);
    expect(await run.checkpoint('region-0000')).toBeUndefined();
    expect(run.hasCheckpoints).toBe(false);
    run.close(false);
  });

  const data = 'region-0000.safetensors';
  const flip = (file: string): void => {
    const bytes = readFileSync(file);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(file, bytes);
  };
  test.each<[string, (folder: string) => void]>([
    ['tensors cut short', (folder) => truncateSync(join(folder, data), 40)],
    ['tensors empty, as after a loss of power', (folder) => truncateSync(join(folder, data), 0)],
    ['tensors with a tail', (folder) => appendFileSync(join(folder, data), 'x')],
    ['one bit of the tensors', (folder) => flip(join(folder, data))],
    ['no tensors', (folder) => rmSync(join(folder, data))],
    ['facts cut short', (folder) => truncateSync(join(folder, 'region-0000.json'), 30)],
    ['facts of other bytes', (folder) => replaceIn(join(folder, 'region-0000.json'), '"zeros":1', '"zeros":2')],
  ])('does not trust a step with %s', async (_name, damage) => {
    await leave();
    damage(path);
    const warned: string[] = [];
    const run = await RunDirectory.open(path, manifest, { warn: (text) => warned.push(text) });
    expect(await run.checkpoint('region-0000')).toBeUndefined();
    expect(warned).toEqual(['the files of step region-0000 are damaged: it is done again']);
    await run.write('region-0000', tensors, facts);
    expect((await run.checkpoint('region-0000'))?.facts).toEqual(facts);
    run.close(false);
  });

  test('a step without facts was never finished', async () => {
    await leave();
    rmSync(join(path, 'region-0000.json'));
    const run = await RunDirectory.open(path, manifest, { warn: expect.fail });
    expect(await run.checkpoint('region-0000')).toBeUndefined();
    run.close(false);
  });

  test('remembers facts and computes them once', async () => {
    let count = 0;
    const work = async () => ({ perplexity: 0.1 + 0.2, count: ++count });
    for (let start = 0; start < 2; start++) {
      const run = await RunDirectory.open(path, manifest);
      expect(await run.remember('quality', work)).toEqual({ perplexity: 0.1 + 0.2, count: 1 });
      run.close(true);
    }
  });

  test('keeps nothing when the hook throws, or when the lock is gone', async () => {
    const run = await RunDirectory.open(path, manifest, { beforeWrite: () => Promise.reject(new Error('changed')) });
    await expect(run.write('region-0000', tensors, facts)).rejects.toThrow('changed');
    expect(run.hasCheckpoints).toBe(false);
    run.close(false);
    const other = await RunDirectory.open(path, manifest);
    rmSync(path, { recursive: true });
    await expect(other.write('region-0000', tensors, facts)).rejects.toThrow('the lock is gone');
    other.close(false);
  });

  test('clears what a killed process was using', async () => {
    await leave();
    mkdirSync(join(path, 'activations'));
    writeFileSync(join(path, 'activations/0.bin'), 'x');
    const run = await RunDirectory.open(path, manifest);
    expect(existsSync(join(path, 'activations'))).toBe(false);
    mkdirSync(join(path, 'activations'));
    run.close(true);
    expect(readdirSync(path).sort()).toEqual(['manifest.json', 'region-0000.json', 'region-0000.safetensors']);
  });

  test('refuses another manifest and lets go of the lock', async () => {
    await leave();
    await expect(RunDirectory.open(path, { ...manifest, options: { seed: 7 } })).rejects.toThrow(
      /settings \(seed: 0 then, 7 now\)/,
    );
    (await RunDirectory.open(path, manifest)).close(false);
  });

  test.each(['', '[]', '{"comm'])('refuses a manifest that is none: %j', async (text) => {
    await leave();
    writeFileSync(join(path, 'manifest.json'), text);
    await expect(RunDirectory.open(path, manifest)).rejects.toThrow('expected the JSON manifest of a run');
  });
});

function replaceIn(file: string, from: string, to: string): void {
  writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
}

test('a process of the same run writes steps under the lock of its parent, and not without it', async () => {
  const run = await RunDirectory.open(path, manifest);
  const joined = RunDirectory.join(path);
  await joined.write('region-0001', tensors, facts);
  expect((await run.checkpoint('region-0001'))?.facts).toEqual(facts);
  run.close(true);
  await expect(joined.write('region-0002', tensors, facts)).rejects.toThrow(/the lock of the parent process is gone/);
});
