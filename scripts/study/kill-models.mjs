/** The models of the kill study: the bundled GPT as it is, and with its weights in a file beside it. */
import { closeSync, copyFileSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encode } from '../../dist/onnx/encode.js';
import { load } from '../../dist/onnx/load.js';

const bundled = fileURLToPath(new URL('../../models/gpt-sotu/', import.meta.url));

/** Each makes the model in a folder and gives its path. */
export const models = {
  plain: () => join(bundled, 'model.onnx'),
  external(folder) {
    mkdirSync(folder, { recursive: true });
    copyFileSync(join(bundled, 'tokenizer.json'), join(folder, 'tokenizer.json'));
    const path = join(folder, 'model.onnx');
    const data = openSync(`${path}.data`, 'w');
    let end = 0;
    const external = ({ payload }) => {
      if (payload.byteLength < 4096) return undefined;
      const place = { location: 'model.onnx.data', offset: end, length: payload.byteLength };
      writeSync(data, payload.read());
      end += payload.byteLength;
      return place;
    };
    writeFileSync(path, encode(load(join(bundled, 'model.onnx')).graph, { external }));
    closeSync(data);
    return path;
  },
};
