import { expect, test } from 'vitest';
import { opTimes, profile } from '../../src/runtime/profile.js';
import { waves } from '../helpers/graphs.js';
import { mlp } from '../rewrite/mlp.js';

test('profile sums kernels by op and provider over the runs', async () => {
  const { graph, values } = mlp();
  const fed = new Map([[values.x, waves([4, 3])]]);
  const times = await profile(graph, [fed, fed, fed], { optimization: 'disabled' });
  const calls = Object.fromEntries(times.map(({ op, calls }) => [op, calls]));
  expect(calls).toMatchObject({ MatMul: 6, Add: 3, Relu: 3, Mul: 3 });
  expect(times.every(({ provider }) => provider === 'CPUExecutionProvider')).toBe(true);
  const spent = times.map(({ milliseconds }) => milliseconds);
  expect(spent).toEqual([...spent].sort((a, b) => b - a));
});

test('events that are no kernels do not count', () => {
  const kernel = { cat: 'Node', name: 'n_kernel_time', dur: 1500, args: { op_name: 'Conv', provider: 'P' } };
  const others = [
    { cat: 'Session', name: 'run', dur: 9 },
    { cat: 'Node', name: 'n_fence_before', dur: 9, args: {} },
    {},
  ];
  expect(opTimes([kernel, ...others, kernel])).toEqual([{ op: 'Conv', provider: 'P', calls: 2, milliseconds: 3 }]);
});
