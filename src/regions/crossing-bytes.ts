/** How much waits between the regions of a walk. */
import type { TensorType, Value } from '../ir/types.js';
import { sizeOf, storedBytes } from '../tensor/dtype.js';
import type { Schedule } from './schedule.js';

/**
 * The most bytes of one batch that wait at once, of the sizes in `types`; sizes that depend on data count as 1.
 * @param half whether float32 waits as float16
 */
export function crossingBytes(schedule: Schedule, types: ReadonlyMap<Value, TensorType>, half = false): number {
  const { regions, lastUse } = schedule;
  const madeBy = new Map(regions.flatMap(({ outputs }, index) => outputs.map((value) => [value, index] as const)));
  const waiting = regions.map((_, index) =>
    [...lastUse].filter(([value, last]) => last >= index && (madeBy.get(value) ?? -1) < index),
  );
  const bytesOf = (value: Value): number => {
    const type = types.get(value);
    if (!type) return 0;
    const bytes = storedBytes(
      type.dtype,
      sizeOf((type.shape ?? []).map((size) => (typeof size === 'number' ? size : 1))),
    );
    return half && type.dtype === 'float32' ? bytes / 2 : bytes;
  };
  return Math.max(0, ...waiting.map((values) => values.reduce((sum, [value]) => sum + bytesOf(value), 0)));
}
