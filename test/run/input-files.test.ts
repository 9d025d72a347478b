import { createHash } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { InputFiles } from '../../src/run/input-files.js';

const folder = mkdtempSync(join(tmpdir(), 'scalpel-inputs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'model.onnx.data');
const content = 'weights';
const sha256 = createHash('sha256').update(content).digest('hex');

beforeEach(() => writeFileSync(path, content));

const swap = (text: string): void => {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
};

test.each<[string, () => void]>([
  ['left alone', () => {}],
  ['touched', () => utimesSync(path, 1e9, 1e9)],
  ['replaced by an equal one', () => swap(content)],
  [
    'removed and put back',
    () => {
      rmSync(path);
      writeFileSync(path, content);
    },
  ],
])('a file that was %s is the same', async (_name, change) => {
  const inputs = new InputFiles([{ path, sha256 }]);
  change();
  await inputs.assertUnchanged();
});

test.each<[string, () => void, RegExp]>([
  ['removed', () => rmSync(path), /data: the file was removed during the run; put it back and start the same command/],
  ['cut short', () => truncateSync(path, 3), /data: the file was changed during the run; put it back/],
  ['swapped for one of the same size', () => swap('WEIGHTS'), /data: the file was changed during the run/],
  ['emptied', () => writeFileSync(path, ''), /data: the file was changed during the run/],
])('a file that was %s is refused', async (_name, change, message) => {
  const inputs = new InputFiles([{ path, sha256 }]);
  change();
  await expect(inputs.assertUnchanged()).rejects.toThrow(message);
});
