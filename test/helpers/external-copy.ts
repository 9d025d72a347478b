/** Copies of models whose weights lie in a file beside them. */
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { encode } from '../../src/onnx/encode.js';
import { load } from '../../src/onnx/load.js';

/** Writes the model at `path` with every weight of a page or more in `<path>.data`, and gives `path`. */
export function withExternalData(model: string, path: string): string {
  const data = openSync(`${path}.data`, 'w');
  let end = 0;
  const bytes = encode(load(model).graph, {
    external({ payload }) {
      if (payload.byteLength < 4096) return undefined;
      const place = { location: `${basename(path)}.data`, offset: end, length: payload.byteLength };
      writeSync(data, payload.read());
      end += payload.byteLength;
      return place;
    },
  });
  closeSync(data);
  writeFileSync(path, bytes);
  return path;
}
