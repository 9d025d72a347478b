import { describe, expect, test } from 'vitest';
import type { UserError } from '../../src/errors.js';
import { compile } from '../../src/runtime/program.js';
import { type ProviderName, providerNames, providers, resolveProvider } from '../../src/runtime/providers.js';
import { mlp } from '../rewrite/mlp.js';

const here = `${process.platform}-${process.arch}`;
const refusal = (name: ProviderName): Promise<UserError | undefined> =>
  resolveProvider(name).then(
    () => undefined,
    (error) => error as UserError,
  );

describe('providers', () => {
  test('the CPU is always there', async () => {
    expect(await resolveProvider('cpu')).toEqual({
      name: 'cpu',
      providers: ['cpu'],
      reasons: ['cpu: taken, as asked'],
    });
  });

  test.each(providerNames)('%s starts, or says what is missing and how to get it', async (name) => {
    const error = await refusal(name);
    if (!error) return;
    expect(error).toMatchObject({ name: 'UserError', exitCode: 2 });
    const { needs, get, platforms } = { platforms: undefined, ...providers[name] };
    const isHere = !platforms || (platforms as readonly string[]).includes(here);
    expect(error.message).toMatch(`--provider ${name}: `);
    expect(error.message).toContain(isHere ? needs : `expected ${platforms?.join(' or ')}, got ${here}`);
    expect(error.message).toContain(isHere ? get : 'use one of');
  });

  test('auto takes one and gives a reason for each', async () => {
    const { name, providers: taken, reasons } = await resolveProvider('auto');
    expect(taken.at(-1)).toBe('cpu');
    expect(reasons[0]).toMatch(new RegExp(`^${name}: taken`));
    if (name === 'cpu') expect(reasons.map((reason) => reason.split(':')[0]).sort()).toEqual([...providerNames].sort());
  });

  test('options reach the provider as numbers and booleans', async () => {
    const { providers: given } = await resolveProvider('cpu', {
      providerOptions: { useArena: 'true', deviceId: '1', x: 'y' },
    });
    expect(given).toEqual([{ name: 'cpu', useArena: true, deviceId: 1, x: 'y' }]);
  });

  test('compile asks for the provider first', async () => {
    const absent = providerNames.find(
      (name) => !(providers[name] as { platforms?: readonly string[] }).platforms?.includes(here) && name !== 'cpu',
    );
    await expect(compile(mlp().graph, { provider: absent! })).rejects.toThrow(`--provider ${absent}: expected `);
    const program = await compile(mlp().graph, { provider: 'auto' });
    await program.release();
    expect(providerNames).toContain(program.provider);
  });
});
