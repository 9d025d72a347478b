/** one-pixel: a population of places and colours that evolves by differences, until one of them alone reaches the goal. */

import { rowAt } from '../oracle/packed.js';
import { attack } from './attack.js';
import { Copies } from './copies.js';
import { type Dice, diceOf } from './dice.js';
import { losses } from './losses.js';
import { type Course, sideBySide } from './side-by-side.js';
import type { Victim } from './victim.js';

/**
 * Su, Vargas, Sakurai, One pixel attack for fooling deep neural networks (arXiv 1710.08864): differential evolution without crossover.
 * A member is a place and its values, several where more pixels may change; its child is one member plus the scaled difference of two
 * others, and takes its place if it is better.
 *
 * Choices: members are compared by the logarithm of the label's or target's probability, which orders them as the probability does
 * where float32 can no longer tell those apart. An example is done at its first success, not at the paper's probabilities. Where only
 * some positions can change, a place means the nearest of them in reading order.
 */
export const onePixel = attack({
  name: 'one-pixel',
  family: 'sparse',
  needs: 'scores',
  paper: 'Su, Vargas, Sakurai, One pixel attack for fooling deep neural networks (arXiv 1710.08864)',
  range: [0, 1],
  measure: 'l0',
  options: {
    pixels: { default: 1, about: 'positions that change', from: 1, whole: true },
    population: { default: 400, about: 'members of the population', from: 4, whole: true },
    generations: { default: 100, about: 'times that each has a child', from: 0, whole: true },
    scale: { default: 0.5, about: 'scale of differences', from: 0 },
  },
  run: (victim, options) =>
    sideBySide(victim, (row) => search(victim, row, diceOf(victim.random(row, 'evolution')), options)),
});

interface Settings {
  readonly pixels: number;
  readonly population: number;
  readonly generations: number;
  readonly scale: number;
}

function* search(victim: Victim, row: number, dice: Dice, settings: Settings): Course<void> {
  const { pixels, population, generations, scale } = settings;
  const { height, width, channels } = victim.space;
  const places = Uint32Array.from(victim.positions(row));
  if (places.length === 0) return;
  const copies = new Copies(rowAt(victim.x, victim.size, row));
  // of each pixel its row, its column and its values, all in [0, 1]
  const genes = pixels * (2 + channels);
  const isPlace = (gene: number): boolean => gene % (2 + channels) < 2;
  const [members, children] = [new Float64Array(population * genes), new Float64Array(population * genes)];
  const fitness = new Float64Array(population).fill(Number.POSITIVE_INFINITY);
  for (let i = 0; i < children.length; i++)
    children[i] = within(isPlace(i % genes) ? dice.uniform() : dice.normal() * (127 / 255) + 128 / 255);
  for (let generation = 0; ; generation++) {
    for (let from = 0; from < population; from += copies.most) {
      const to = Math.min(population, from + copies.most);
      copies.reset();
      for (let member = from; member < to; member++) {
        const point = copies.next();
        for (let at = member * genes; at < (member + 1) * genes; at += 2 + channels) paint(point, at);
      }
      const judged = yield { points: copies.points };
      if (judged.margins.some((margin) => margin < 0)) return;
      for (let member = from; member < to; member++) {
        const value = losses['cross-entropy'].of(judged, member - from, victim, row);
        if (!(value < fitness[member])) continue;
        fitness[member] = value;
        members.set(children.subarray(member * genes, (member + 1) * genes), member * genes);
      }
    }
    if (generation === generations) return;
    for (let member = 0; member < population; member++) {
      const [a, b, c] = threeOf(population, dice);
      for (let i = 0; i < genes; i++) {
        const difference = members[b * genes + i] - members[c * genes + i];
        children[member * genes + i] = within(members[a * genes + i] + scale * difference);
      }
    }
  }

  /** Puts the pixel whose genes begin at an index on a point. */
  function paint(point: Float32Array, at: number): void {
    const place = Math.floor(children[at] * height) * width + Math.floor(children[at + 1] * width);
    const position = nearestOf(places, place);
    for (let c = 0, i = position; c < channels; c++, i += height * width) {
      const [low, high] = [victim.lower[row * victim.size + i], victim.upper[row * victim.size + i]];
      point[i] = Math.min(high, Math.max(low, low + children[at + 2 + c] * (high - low)));
    }
  }
}

/** In [0, 1), where the product with a size is an index. */
const within = (gene: number): number => Math.min(1 - 1e-9, Math.max(0, gene));

/** Three different members. */
function threeOf(population: number, dice: Dice): [number, number, number] {
  const a = dice.integer(population);
  const b = (a + 1 + dice.integer(population - 1)) % population;
  let c = a;
  while (c === a || c === b) c = dice.integer(population);
  return [a, b, c];
}

/** Of ascending numbers the nearest. */
function nearestOf(sorted: Uint32Array, wanted: number): number {
  let [low, high] = [0, sorted.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  const isBelowNearer = low > 0 && wanted - sorted[low - 1] < Math.abs(sorted[low] - wanted);
  return sorted[isBelowNearer ? low - 1 : low];
}
