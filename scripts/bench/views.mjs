/** What views of series cost: each augmentation and the policies, a batch at a time on one thread. */
import { random } from '../../dist/tensor/random.js';
import { augmentations, drawsAt, randAugment, single, views } from '../../dist/train/views/index.js';
import { machine, milliseconds, rounded } from './measure.mjs';

const count = 128;
const rounds = 60;

const timed = [
  ...Object.values(augmentations).map((augmentation) => single(augmentation, 0.1)),
  randAugment(3, 1),
  views.weak,
  views.strong,
];

/** The least of several, as other work on the machine only ever adds. */
export async function* viewsOfSeries() {
  const numbers = random(1, 'views');
  for (const length of [96, 500]) {
    const series = { count, channels: 1, length, values: random(1, 'series').normals(count * length) };
    const least = timed.map(() => Number.POSITIVE_INFINITY);
    for (let round = 0; round < rounds; round++) {
      const draws = drawsAt(numbers, round);
      for (const [i, view] of timed.entries()) {
        least[i] = Math.min(least[i], await milliseconds(() => view.of(series, draws)));
      }
    }
    for (const [i, { name }] of timed.entries()) {
      const figure = (what, value, unit) => ({
        name: `length ${length}: ${name}, ${what}`,
        value: rounded(value),
        unit,
        context: `batch ${count}, 1 channel, least of ${rounds}; 1 thread, ${machine.replace(/^\d+ threads, /, '')}`,
      });
      yield figure('a batch', least[i], 'ms');
      yield figure('series a second', (count / least[i]) * 1000, '1/s');
    }
  }
}
