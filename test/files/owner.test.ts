import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { ownToken, pidOf, stateOf, tokenPattern } from '../../src/files/owner.js';

const [pid = '', start = '', boot = '', place = ''] = ownToken().split('-');
const ended = String(spawnSync(process.execPath, ['-e', '']).pid);

describe.runIf(process.platform === 'linux')('whose file it is', () => {
  test('a token names this process', () => {
    expect(ownToken()).toMatch(new RegExp(`^${tokenPattern}$`));
    expect(pidOf(ownToken())).toBe(String(process.pid));
  });

  test.each([
    ['this process', [pid, start, boot, place], 'alive'],
    ['a process of that id that started at another time', [pid, '12', boot, place], 'dead'],
    ['a process that ended', [ended, start, boot, place], 'dead'],
    ['a process from before the last boot', [pid, start, '00000000', place], 'dead'],
    ['a process of another machine or container', [pid, start, boot, '00000000'], 'elsewhere'],
  ] as const)('%s', (_name, parts, state) => {
    expect(stateOf(parts.join('-'))).toBe(state);
  });
});
