/** `--help` of every command as it is printed. */
import { expect, test } from 'vitest';
import { commands } from '../../src/cli/main.js';
import { version } from '../../src/version.js';
import { runScalpel } from './run-scalpel.js';

const helpOf = async (...argv: string[]): Promise<string> => {
  const { exitCode, stdout, stderr } = await runScalpel([...argv, '--help']);
  expect([exitCode, stderr]).toEqual([0, '']);
  return stdout;
};

test('scalpel --help', async () => {
  expect(await helpOf()).toMatchInlineSnapshot();
});

test('scalpel without a word prints its help', async () => {
  const { exitCode, stdout } = await runScalpel([]);
  expect(exitCode).toBe(0);
  expect(stdout).toBe(await helpOf());
});

test('scalpel prune --help', async () => {
  expect(await helpOf('prune')).toMatchInlineSnapshot();
});

test('scalpel eval --help', async () => {
  expect(await helpOf('eval')).toMatchInlineSnapshot();
});

test('scalpel inspect --help', async () => {
  expect(await helpOf('inspect')).toMatchInlineSnapshot();
});

test('scalpel compare --help', async () => {
  expect(await helpOf('compare')).toMatchInlineSnapshot();
});

test.each(Object.keys(commands))('scalpel %s --help has examples', async (name) => {
  expect(await helpOf(name)).toMatch(new RegExp(`\nExamples:\n  # .*\n  scalpel ${name} `));
});

test('scalpel --version', async () => {
  expect(await runScalpel(['--version'])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
});
