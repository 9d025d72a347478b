/** noise: normal numbers for whole layers, which drawn one by one would take longer than the step. */
import type { Value } from '../../ir/types.js';
import { random } from '../../tensor/random.js';
import { float32 } from '../../tensor/tensor.js';
import type { Scope } from '../step/scope.js';

const bankSize = 2 ** 19;
const apart = 7919;

/**
 * Emits standard normal numbers of a shape [size, channels, length]: each row of `length` is one of a bank that is drawn once; where in
 * it the rows of a series begin is chosen anew for each series and step. Numbers within a row are independent, rows of a step may repeat.
 */
export function noiseFor(scope: Scope): (name: string, shape: readonly [number, number, number]) => Value {
  const banks = new Map<number, { bank: Value; rows: number }>();
  const bankOf = (length: number): { bank: Value; rows: number } => {
    const rows = Math.max(1, Math.floor(bankSize / length));
    const values = random(0, `noise ${length}`).normals(rows * length);
    return { bank: scope.g.constant(float32([rows, length], values), `noise of ${length} steps`), rows };
  };
  return (name, [size, channels, length]) => {
    const held = banks.get(length) ?? bankOf(length);
    banks.set(length, held);
    const { g } = scope;
    const begin = scope.draw(`noise/${name}`, [size, 1], (drawn) =>
      drawn.uniforms(size).map((u) => Math.floor(u * held.rows)),
    );
    // a prime apart, so that neighbours of one series do not meet those of the next
    const channel = g.ints(Array.from({ length: channels }, (_, c) => c * apart));
    const rows = g.op('Mod', [g.add(g.op('Cast', [begin], { to: 7 }), channel), g.ints([held.rows])]);
    return g.op('Gather', [held.bank, rows], { axis: 0 });
  };
}
