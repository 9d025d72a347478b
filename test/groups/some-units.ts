/** Units to take out: of every group none, a few, half of them or nearly all. */
import type { Group } from '../../src/groups/groups.js';
import { random } from '../../src/tensor/random.js';

export function someUnits(groups: readonly Group[], seed: number) {
  return new Map(
    groups.map(({ units }, i) => {
      const numbers = random(seed, `group ${i}`);
      const share = [0, 0.3, 0.5, 0.9][numbers.sample(1, 4)[0]!]!;
      const gone = numbers.sample(Math.min(units.size - 1, Math.ceil(share * units.size)), units.size);
      const living = new Uint8Array(units.size).fill(1);
      for (const unit of gone) living[unit] = 0;
      return [units, living] as const;
    }),
  );
}
