/** sampler: which rows make the batch of a step. */
import { random } from '../../tensor/random.js';

/**
 * Walks through `count` rows in an order that is new in every pass, `size` a step; what a pass leaves goes before the next one's, so every row
 * is seen equally often. The rows are a function of the step.
 * @param stream tells samplers of one seed apart.
 */
export function sampler(count: number, size: number, seed: number, stream: string): (step: number) => Uint32Array {
  const orders = new Map<number, Uint32Array>();
  const order = (pass: number): Uint32Array => {
    const held = orders.get(pass) ?? random(seed, `${stream} pass ${pass}`).permutation(count);
    // a batch of many times the rows needs several, one after the other
    if (orders.size > 4) orders.clear();
    orders.set(pass, held);
    return held;
  };
  return (step) =>
    Uint32Array.from({ length: size }, (_, i) => {
      const at = step * size + i;
      return order(Math.floor(at / count))[at % count]!;
    });
}
