/** Mistaken requests for conversion: each command line with its exit code and the whole of its message, and nothing written. */
import { beforeAll, describe, test } from 'vitest';
import { listed } from '../../src/cli/values.js';
import { targets } from '../../src/convert/index.js';
import { metadataOf } from '../../src/convert/weights/entries.js';
import { saveSafetensors } from '../../src/tensor/safetensors.js';
import { float32 } from '../../src/tensor/tensor.js';
import { check, inMistakeFolder, type Row } from './mistake-check.js';

inMistakeFolder();
beforeAll(async () => {
  const stranger = new Map([['stranger', float32([1], Float32Array.of(1))]]);
  await saveSafetensors('other.safetensors', stranger);
  const entries = [{ name: 'stranger', coding: 'dense', dtype: 'float32', shape: [1] }] as const;
  await saveSafetensors('stranger.safetensors', stranger, Object.fromEntries(metadataOf(entries)));
});

const cpu = '--provider cpu';
const names = listed([...Object.keys(targets), 'auto'], 'or');

describe('words', () => {
  test.each<Row>([
    ['convert net.onnx -o o.onnx', 2, 'convert: expected --to, got nothing; see scalpel convert --help'],
    [
      'convert net.onnx --to float16',
      2,
      'convert: expected --output, got nothing; name the converted file, or add --dry-run',
    ],
    [
      'convert net.onnx --to float61 -o o.onnx',
      2,
      `convert: --to expected ${names}, got 'float61'; did you mean float16?`,
    ],
    [
      'convert net.onnx --to float16 --set iq=keep -o o.onnx',
      2,
      "convert: --set expected an option of float16 (store, io, delicate, least), got 'iq'; did you mean io?",
    ],
    [
      'convert net.onnx --to dense --set io=keep -o o.onnx',
      2,
      "convert: --set expected nothing, as dense has no options, got 'io'",
    ],
    ['convert net.onnx --to float16 --set io=kept -o o.onnx', 2, "float16: io: expected keep or convert, got 'kept'"],
    [
      'convert net.onnx --to external --set align=0 -o o.onnx',
      2,
      "external: align: expected a whole number in [1, 16777216], got '0'",
    ],
    [
      'convert net.onnx --to float16 --max-error -1 -o o.onnx',
      2,
      "convert: --max-error expected a number of at least 0, got '-1'",
    ],
    [
      `convert net.onnx --to float16 -o net.onnx ${cpu}`,
      2,
      "convert: expected --output other than the model, got 'net.onnx'; name another file",
    ],
    [
      'convert net.onnx --to float16 -o o.onnx --report o.onnx',
      2,
      "convert: --report expected another place than --output, got 'o.onnx'; change one",
    ],
    [
      'convert net.onnx --to float16 --weights w.safetensors -o o.onnx',
      2,
      'convert: --weights expected --to dense, got float16; leave it out',
    ],
    [
      'convert net.onnx --to float16 --calibration label.npz -o o.onnx',
      2,
      'convert: --to float16 looks at no data, got --calibration; leave it out, or say --data to compare on it',
    ],
    [
      'convert net.onnx --to float16 --tokens ids.txt -o o.onnx',
      2,
      'convert: --tokens expected --to trim-vocabulary, got float16; leave it out',
    ],
    [
      'convert net.onnx --to float16 --tokens-from short.txt -o o.onnx',
      2,
      'convert: --tokens-from expected --to trim-vocabulary, got float16; leave it out',
    ],
    [
      'convert net.onnx --to trim-vocabulary -o o.onnx',
      2,
      'convert: --to trim-vocabulary expected tokens to keep, got none; name a file of ids with --tokens, or data they occur in with --tokens-from',
    ],
    [
      'convert net.onnx --to trim-vocabulary --tokens ids.txt --max-error 0.1 -o o.onnx',
      2,
      'convert: --max-error expected a form with the same inputs, got trim-vocabulary, which changes token ids; leave it out, and judge the result with scalpel eval',
    ],
    [
      'convert net.onnx --to trim-vocabulary --tokens ids.txt -o ids.txt',
      2,
      "convert: expected --output other than the file of tokens, got 'ids.txt'; name another file",
    ],
    [
      'convert net.onnx --to auto --weights w.safetensors -o o.onnx',
      2,
      'convert: --weights expected --to dense alone, got several forms; leave it out',
    ],
    [
      'convert net.onnx --to float16,bitmask --calibration label.npz -o o.onnx',
      2,
      'convert: --to float16 or bitmask looks at no data, got --calibration; leave it out, or say --data to compare on it',
    ],
    [
      'convert net.onnx --to float16,int8 --tokens ids.txt -o o.onnx',
      2,
      'convert: --tokens expected --to trim-vocabulary, got float16 or int8; leave it out',
    ],
    [
      'convert net.onnx --to auto --set by=beauty',
      2,
      "auto: by: expected bytes or gzip or load or latency or p95 or memory, got 'beauty'",
    ],
    [
      'convert net.onnx --to auto --set float16.iq=keep',
      2,
      "convert: --set expected an option of float16 (store, io, delicate, least), got 'iq'; did you mean io?",
    ],
    [
      'convert net.onnx --to auto --max-drop 0.1 -o o.onnx',
      2,
      'convert: --max-drop expected --data, got none; name data, or leave it out',
    ],
    [
      `convert net.onnx --to auto -o net.onnx ${cpu}`,
      2,
      "convert: expected --output other than the model, got 'net.onnx'; name another file",
    ],
    [
      'convert net.onnx --to float16 --samples 3 -o o.onnx',
      2,
      'convert: --samples expected --data, got none; name data, or leave it out',
    ],
    [
      'convert net.onnx --to float16 --max-drop 0.1 -o o.onnx',
      2,
      'convert: --max-drop expected --data, got none; name data, or leave it out',
    ],
  ])('scalpel %s', check);
});

describe('files and models', () => {
  test.each<Row>([
    [`convert none.onnx --to float16 -o o.onnx ${cpu}`, 2, /^none\.onnx: /],
    [`convert cut.onnx --to float16 -o o.onnx ${cpu}`, 2, /^cut\.onnx: .*damaged/],
    [
      `convert net.onnx --to float16 -o taken.onnx ${cpu}`,
      2,
      'taken.onnx: already exists; add --force to replace it, or choose another --output',
    ],
    [
      `convert net.onnx --to float16 -o folder ${cpu}`,
      2,
      'folder: expected the name of a file, got a folder; name a file in it, or another',
    ],
    [
      `convert net.onnx --to float16 --include nothing* -o o.onnx ${cpu}`,
      3,
      'float16: expected weights of float32 that chosen nodes read in half precision, found none; see --include, or take --set store=weights',
    ],
    [
      `convert net.onnx --to float16 --exclude nothing* -o o.onnx ${cpu}`,
      2,
      "convert: --exclude 'nothing*' matches no weight, node or op that the target looks at; see scalpel inspect for their names",
    ],
    [
      `convert net.onnx --to dense,shrink -o o.onnx ${cpu}`,
      3,
      'dense: expected a sparse initializer, found none; name weights to put in with --weights',
    ],
    [`convert net.onnx --to trim-vocabulary,nm-dense ${cpu}`, 3, /^net\.onnx: .*2:4/],
    [`convert none.onnx --to auto ${cpu}`, 2, /^none\.onnx: /],
    [
      `convert net.onnx --to auto -o taken.onnx ${cpu}`,
      2,
      'taken.onnx: already exists; add --force to replace it, or choose another --output',
    ],
    [`convert net.onnx --to auto --report taken.onnx ${cpu}`, 2, /taken\.onnx/],
    [
      `convert net.onnx --to dense -o o.onnx ${cpu}`,
      3,
      'dense: expected a sparse initializer, found none; name weights to put in with --weights',
    ],
    [
      `convert net.onnx --to dense --weights other.safetensors -o o.onnx ${cpu}`,
      2,
      /^--weights: expected names of weights such as '.*', got 'stranger'; the file is another model's$/,
    ],
    [
      `convert net.onnx --to dense --weights stranger.safetensors -o o.onnx ${cpu}`,
      2,
      /^--weights: expected names of weights such as '.*', got 'stranger'; the file is another model's$/,
    ],
    [
      `convert GPT --to int8 --set activations=static -o o.onnx ${cpu}`,
      2,
      'int8: expected calibration data for static activations, got none; give some, or choose dynamic',
    ],
    [
      `convert GPT --to low-rank --set fit=outputs --set rank=0.25 -o o.onnx ${cpu}`,
      2,
      'low-rank: expected calibration data to fit outputs, got none; give some, or choose fit=weights',
    ],
    [
      `convert GPT --to trim-vocabulary --tokens none.txt -o o.onnx ${cpu}`,
      2,
      'none.txt: no such file; check the path',
    ],
    [
      `convert GPT --to trim-vocabulary --tokens beyond.npy -o o.onnx ${cpu}`,
      2,
      'trim-vocabulary: expected token ids in [0, 2048), got 5000; use the tokenizer the model was trained with',
    ],
    [
      `convert net.onnx --to trim-vocabulary --tokens-from x.npz -o o.onnx ${cpu}`,
      2,
      'x.npz: expected text or tokens for --tokens-from, got neither; name text, or say --kind',
    ],
    [
      `convert net.onnx --to dense --weights taken.onnx -o o.onnx ${cpu}`,
      2,
      /^taken\.onnx: expected a safetensors file, got 4 bytes; check the path$/,
    ],
  ])('scalpel %s', check);
});
