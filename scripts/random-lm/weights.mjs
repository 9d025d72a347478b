/** Random weights of any size, streamed to a file beside the model. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { filePayload, slicePayload } from '../../dist/tensor/file-payload.js';
import { random } from '../../dist/tensor/random.js';

/** `make(shape, scale)` gives a value of the graph whose weights lie in the file; `close` gives the tensors of all of them. */
export function weightsIn(path, g) {
  // a million normal numbers, again and again from another place: enough for timing and memory
  const noise = random(0, 'weights').normals(1 << 20);
  const places = [];
  const file = openSync(path, 'w');
  let end = 0;
  const make = (shape, scale) => {
    const elements = shape.reduce((product, size) => product * size, 1);
    const from = end;
    for (let done = 0; done < elements; ) {
      const start = (done * 7919 + from) % (noise.length / 2);
      const count = Math.min(elements - done, noise.length / 2);
      const part = noise.subarray(start, start + count).map((v) => v * scale);
      writeSync(file, part);
      done += part.length;
      end += part.byteLength;
    }
    const value = g.value(`weight_${places.length}`, { dtype: 'float32', shape });
    places.push({ value, shape, from, bytes: end - from });
    return value;
  };
  const close = () => {
    closeSync(file);
    const payload = filePayload(resolve(path));
    return new Map(
      places.map(({ value, shape, from, bytes }) => [
        value,
        { dtype: 'float32', shape, payload: slicePayload(payload, from, bytes) },
      ]),
    );
  };
  return { make, close };
}
