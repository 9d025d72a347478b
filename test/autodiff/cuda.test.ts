/** A gradient run on CUDA: what the runtime is asked for, and what is said where its libraries are not there. */
import { beforeEach, expect, test, vi } from 'vitest';
import { losses } from '../../src/autodiff/losses.js';
import { objective } from '../../src/autodiff/objective.js';
import { providers } from '../../src/runtime/providers.js';
import type { SessionSettings } from '../../src/runtime/session.js';
import { mlp } from '../rewrite/mlp.js';

type Session = typeof import('../../src/runtime/session.js');
const asked: SessionSettings[] = [];
let isStandIn = false;

vi.mock('../../src/runtime/session.js', async (original) => {
  const real = await original<Session>();
  const openSession: Session['openSession'] = (graph, settings = {}) => {
    asked.push(settings);
    return real.openSession(graph, isStandIn ? { ...settings, executionProviders: ['cpu'] } : settings);
  };
  return { ...real, openSession };
});

const here = `${process.platform}-${process.arch}`;
const isHere = (providers.cuda.platforms as readonly string[]).includes(here);
const { graph, values } = mlp();

beforeEach(() => {
  asked.length = 0;
});

test.skipIf(!isHere)('CUDA is asked for with its options and the CPU behind it', async () => {
  isStandIn = true;
  const providerOptions = { deviceId: '1' };
  const fit = await objective(graph, losses.mse, [values.w1], { provider: 'cuda', providerOptions, threads: 2 });
  await fit.release();
  const cuda = [{ name: 'cuda', deviceId: 1 }, 'cpu'];
  // the trial of the provider, then the gradient graph
  expect(asked.slice(-2).map((settings) => settings.executionProviders)).toEqual([cuda, cuda]);
  expect(asked.at(-1)).toMatchObject({ threads: 2 });
});

test('without its libraries the error says what is missing and how to get it', async ({ skip }) => {
  isStandIn = false;
  const outcome = await objective(graph, losses.mse, [values.w1], { provider: 'cuda' }).then(
    (fit) => fit.release(),
    (refusal: Error) => refusal,
  );
  if (!outcome) return skip('CUDA is there');
  const { needs, get, platforms } = providers.cuda;
  expect(outcome).toMatchObject({ name: 'UserError', exitCode: 2 });
  expect(outcome.message).toMatch('--provider cuda: expected ');
  expect(outcome.message).toContain(isHere ? needs : platforms.join(' or '));
  expect(outcome.message).toContain(isHere ? get : 'use one of');
});
