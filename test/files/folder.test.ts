import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import { checkFolder, makeFolder } from '../../src/files/folder.js';
import { writeError } from '../../src/files/system-error.js';

const folder = mkdtempSync(join(tmpdir(), 'scalpel-folder-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('makeFolder', () => {
  test('makes what is missing above, and leaves what is there', () => {
    const deep = join(folder, 'a/b/c');
    makeFolder(deep);
    makeFolder(deep);
    expect(existsSync(deep)).toBe(true);
  });

  test('refuses a file in the way, however far above', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    for (const place of [file, join(file, 'x'), join(file, 'x/y')]) {
      expect(() => makeFolder(place)).toThrow(
        `${place}: expected a folder, got the file '${file}'; choose another place`,
      );
    }
  });
});

test('checkFolder makes nothing', () => {
  checkFolder(join(folder, 'later'));
  expect(existsSync(join(folder, 'later'))).toBe(false);
});

describe('writeError', () => {
  test('says what the system answered, and what to do', () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      syscall: 'write',
    });
    expect(writeError('out', full)).toMatchObject({
      message: 'out: cannot be written (ENOSPC: no space left on device, write); free some space',
      exitCode: 2,
    });
  });

  test.each([new UserError('a', 'b'), new TypeError('a bug')])('leaves %s as it is', (error) => {
    expect(writeError('out', error)).toBe(error);
  });
});
