/** encodings: what a given model makes of points. */
import type { Value } from '../../ir/types.js';
import { withProgram } from '../../runtime/program.js';
import { floatsOf } from '../../tensor/convert.js';
import { float32 } from '../../tensor/tensor.js';
import { alone } from '../ground/alone.js';
import type { Embedded } from '../ground/embedded.js';

/** Points run at once. */
const atOnce = 1024;

/** Of each of some sets of points of the search's range, packed [rows, size], what the model makes of them, [rows, width]. */
export async function encodings(
  model: Embedded,
  sets: readonly Float32Array[],
  size: number,
): Promise<readonly Float32Array[]> {
  // sums of several threads differ in the last bit
  return withProgram(alone(model, size), { threads: 1 }, async (program) => {
    const [[points], [made]] = [program.inputs, program.outputs] as [[Value], [Value]];
    const whole: Float32Array[] = [];
    for (const set of sets) {
      const parts: number[] = [];
      for (let from = 0; from < set.length; from += atOnce * size) {
        const part = set.slice(from, from + atOnce * size);
        const results = await program.run(new Map([[points, float32([part.length / size, size], part)]]));
        for (const value of floatsOf(results.get(made)!)) parts.push(value);
      }
      whole.push(Float32Array.from(parts));
    }
    return whole;
  });
}
