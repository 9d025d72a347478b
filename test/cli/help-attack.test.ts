/** `--help` of the commands about attacks as it is printed. */
import { expect, test } from 'vitest';
import { runScalpel } from './run-scalpel.js';

const helpOf = async (command: string): Promise<string> => {
  const { exitCode, stdout, stderr } = await runScalpel([command, '--help']);
  expect([exitCode, stderr]).toEqual([0, '']);
  return stdout;
};

test('scalpel attack --help', async () => {
  expect(await helpOf('attack')).toMatchInlineSnapshot();
});

test('scalpel merge --help', async () => {
  expect(await helpOf('merge')).toMatchInlineSnapshot();
});
