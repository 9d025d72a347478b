/** EAD's decision rules on linear classifiers. */
import { expect, test } from 'vitest';
import { changeOf, findingsOf, linearCase } from './linear.js';
import { quarterMore } from './promises.js';

const linear = linearCase(11, [1, 8, 8], 6);
const settings = { beta: 0.01, steps: 150 };
const changes = async (rule: string) =>
  (await findingsOf('ead', linear, { ...settings, rule })).map((each) => changeOf(linear, each));

test('by l1 it comes near the least l1', async () => {
  (await changes('l1')).forEach(({ l1 }, i) => {
    expect(l1).toBeLessThanOrEqual(quarterMore(linear.exact[i].l1));
  });
});

test('each rule keeps what is least by it', async () => {
  const [l0, l1, elastic] = [await changes('l0'), await changes('l1'), await changes('elastic-net')];
  const net = (change: { l1: number; l2: number }): number => change.l2 ** 2 + settings.beta * change.l1;
  linear.exact.forEach((_, i) => {
    expect(l0[i].elements).toBeLessThanOrEqual(Math.min(l1[i].elements, elastic[i].elements));
    expect(l1[i].l1).toBeLessThanOrEqual(Math.min(l0[i].l1, elastic[i].l1) * (1 + 1e-5));
    expect(net(elastic[i])).toBeLessThanOrEqual(Math.min(net(l0[i]), net(l1[i])) * (1 + 1e-5));
  });
});
