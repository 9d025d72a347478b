import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ownToken } from '../../src/files/owner.js';
import { checkSpace } from '../../src/files/space.js';
import { type StagedOutput, stage } from '../../src/files/stage.js';
import { isTemporary, removeLeftovers, temporaryBeside } from '../../src/files/temporary.js';
import { writeNew, writeWhole, writeWholeSync } from '../../src/files/whole-file.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scalpel-stage-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const text = (path: string, content: string): StagedOutput => ({
  path,
  write: (place) => writeNew(place, [Buffer.from(content)]),
});

describe('stage', () => {
  test('nothing has its name before commit, then all do, and what was there is replaced', async () => {
    mkdirSync(join(folder, 'report'));
    const [a, b] = [join(folder, 'a'), join(folder, 'report/b')];
    writeFileSync(a, 'old');
    const staged = await stage([text(a, 'new a'), text(b, 'new b')]);
    expect([readFileSync(a, 'utf8'), existsSync(b)]).toEqual(['old', false]);
    expect(staged.files.map(({ path, place }) => [path, readFileSync(place, 'utf8')])).toEqual([
      [a, 'new a'],
      [b, 'new b'],
    ]);
    staged.commit();
    expect([readFileSync(a, 'utf8'), readFileSync(b, 'utf8')]).toEqual(['new a', 'new b']);
    expect([readdirSync(folder).sort(), readdirSync(join(folder, 'report'))]).toEqual([['a', 'report'], ['b']]);
  });

  test('files of one folder lie together under their own names', async () => {
    const staged = await stage([text(join(folder, 'm.data'), ''), text(join(folder, 'm'), '')]);
    expect(new Set(staged.files.map(({ place }) => dirname(place))).size).toBe(1);
    staged.discard();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a write that fails leaves nothing, and a system error names the final file', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      syscall: 'write',
    });
    const [a, b] = [join(folder, 'a'), join(folder, 'b')];
    const failing = stage([text(a, 'a'), { path: b, write: () => Promise.reject(full) }]);
    await expect(failing).rejects.toThrow(`${b}: cannot be written (ENOSPC: no space left on device, write); free`);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a name that became a folder is refused', async () => {
    const staged = await stage([text(join(folder, 'a'), 'a')]);
    mkdirSync(join(folder, 'a/b'), { recursive: true });
    expect(() => staged.commit()).toThrow(/a: cannot be written \((EISDIR|ENOTEMPTY)/);
  });
});

describe('writeWhole', () => {
  test('replaces a file in one step', async () => {
    const path = join(folder, 'a');
    writeWholeSync(path, 'first');
    await writeWhole(path, [Buffer.from('sec'), Buffer.from('ond')]);
    expect([readFileSync(path, 'utf8'), readdirSync(folder)]).toEqual(['second', ['a']]);
  });

  test('leaves the old file when a chunk cannot be made', async () => {
    const path = join(folder, 'a');
    writeWholeSync(path, 'first');
    const chunks = function* (): Generator<Uint8Array> {
      yield Buffer.from('half');
      throw new Error('gone');
    };
    await expect(writeWhole(path, chunks())).rejects.toThrow('gone');
    expect([readFileSync(path, 'utf8'), readdirSync(folder)]).toEqual(['first', ['a']]);
  });

  test.runIf(process.platform === 'linux')('says that a disk is full', () => {
    expect(() => writeWholeSync('/proc/a', '')).toThrow('/proc/a: cannot be written (');
  });
});

describe.runIf(process.platform === 'linux')('leftovers', () => {
  const named = (token: string): string => join(folder, `.out.onnx.${token}.0.scalpel-tmp`);
  const [pid, start, boot, place] = ownToken().split('-') as [string, string, string, string];
  const dead = [pid, '12', boot, place].join('-');
  const elsewhere = [pid, start, boot, '00000000'].join('-');

  test('of killed processes go, files and folders; those of living ones and of others stay', () => {
    mkdirSync(named(dead));
    writeFileSync(join(named(dead), 'out.onnx'), 'half');
    const kept = [temporaryBeside(join(folder, 'out.onnx')), named(elsewhere), join(folder, '.out.onnx.1-2.tmp')];
    for (const path of kept) writeFileSync(path, '');
    removeLeftovers(folder);
    expect(readdirSync(folder).sort()).toEqual(kept.map((path) => path.slice(folder.length + 1)).sort());
  });

  test('from elsewhere go when nobody has touched them for long', () => {
    writeFileSync(named(elsewhere), '');
    utimesSync(named(elsewhere), 1e9, 1e9);
    removeLeftovers(folder);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('have names that fit, however long the output is', () => {
    const name = temporaryBeside(join(folder, 'ü'.repeat(120))).slice(folder.length + 1);
    expect([isTemporary(name), Buffer.byteLength(name) < 255]).toEqual([true, true]);
  });
});

test('checkSpace adds up what goes to one disk', () => {
  checkSpace([{ path: join(folder, 'not/there'), bytes: 1 }]);
  const half = { path: folder, bytes: 1e18 };
  expect(() => checkSpace([half, half])).toThrow(
    /expected 2000000000000\.0 MB free on its disk, got [\d.]+ MB; free some space, or choose another place$/,
  );
});
