/** `scalpel explain --help` as it is printed. */
import { expect, test } from 'vitest';
import { runScalpel } from './run-scalpel.js';

test('scalpel explain --help', async () => {
  const { exitCode, stdout, stderr } = await runScalpel(['explain', '--help']);
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout).toMatchInlineSnapshot();
});
