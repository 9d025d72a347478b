/** Files that lie, on the command line: each with its exit code and its message, which names the file as it was given. */
import { beforeAll, describe, test } from 'vitest';
import { writeHostileFiles } from './hostile-files.js';
import { check, inMistakeFolder, type Row } from './mistake-check.js';

inMistakeFolder();
beforeAll(writeHostileFiles);

const prune = (model: string): string => `prune ${model} OK`;

describe('graphs that are none', () => {
  test.each<Row>([
    [prune('dangling.onnx'), 2, "dangling.onnx: Add 'y': reads 'ghost', which nothing makes; export the model again"],
    [prune('cycle.onnx'), 2, "cycle.onnx: Add 'a': reads 'b' before it is made; nodes must be in topological order"],
    [prune('twice.onnx'), 2, "twice.onnx: Relu 'y': the name 'y' is taken already; export the model again"],
    [prune('unmade.onnx'), 2, "unmade.onnx: verify: output 'y' is made by no node; export the model again"],
    [prune('recursive.onnx'), 3, "local.F 'scalpel/b': function F calls itself; export the model without functions"],
    ['eval dangling.onnx --data x.npz', 2, /^dangling\.onnx: Add 'y': reads 'ghost'/],
    ['grad dangling.onnx --of y --sum --wrt x -o o.onnx', 2, /^dangling\.onnx: Add 'y': reads 'ghost'/],
    ['gradcheck dangling.onnx --of y --sum --wrt x', 2, /^dangling\.onnx: Add 'y': reads 'ghost'/],
    [prune('steering.onnx'), 2, /^steering\.onnx: Add '\\u001b\[2Jgone\\u000anext': reads 'ghost'/],
    [
      'inspect deep.onnx',
      2,
      'deep.onnx: expected at most 32 graphs inside each other, got more; export the model again',
    ],
  ])('scalpel %s', check);
});

describe('weights that are not where or what they say', () => {
  test.each<Row>([
    [
      'inspect negative.onnx',
      2,
      "negative.onnx: tensor 'w': expected sizes of at least 0 that fit a file, got shape [-4,4]; the file is damaged",
    ],
    [
      'inspect overflow.onnx',
      2,
      /^overflow\.onnx: tensor 'w': expected sizes of at least 0 that fit a file, got shape \[1099511627776,/,
    ],
    [
      'inspect larger.onnx',
      2,
      /^larger\.onnx: tensor 'w': expected 4294967296 bytes .*, got 64 bytes of raw data; the file is damaged$/,
    ],
    [
      'inspect inside/up.onnx',
      2,
      "inside/up.onnx: tensor 'w': expected external data inside the model's folder, got location '../elsewhere/w.data'; copy the file there and export the model again",
    ],
    [
      'inspect inside/absolute.onnx',
      2,
      /expected external data inside the model's folder, got location '\/etc\/hostname'; copy the file there/,
    ],
    [
      prune('inside/link.onnx'),
      2,
      "inside/link.onnx: tensor 'w': external data 'link.data' leads out of the model's folder; copy the file there",
    ],
    [prune('inside/pipe.onnx'), 2, 'inside/pipe.data: expected a file, got a device; name a file'],
    [
      prune('inside/short.onnx'),
      2,
      "inside/short.onnx: tensor 'w': expected external data 'short.data' to have 64 bytes, got 32; the file is cut short or another model's",
    ],
    [
      'inspect inside/offset.onnx',
      2,
      "inside/offset.onnx: tensor 'w': expected the external data's offset to be a count of bytes, got '-4'; the file is damaged",
    ],
    ['inspect pipe.onnx', 2, 'pipe.onnx: expected a file, got a device; name a file'],
  ])('scalpel %s', check);
});

describe('arrays and text', () => {
  test.each<Row>([
    [
      'eval net.onnx --data long.npy',
      2,
      'long.npy: expected a .npy header, got one of 60000 bytes in a file of 11; the file is cut short or damaged: save it again',
    ],
    [
      'eval net.onnx --data objects.npy',
      2,
      'objects.npy: expected an array of numbers, got Python objects; convert it to a numeric type and save it again',
    ],
    [
      'eval net.onnx --data lying.npy',
      2,
      /^lying\.npy: expected 4000000000000 bytes of data for float32\[1000000,1000000\], got 0; /,
    ],
    ['eval net.onnx --data axes.npy', 2, 'axes.npy: expected at most 64 axes, got 100; reshape it and save it again'],
    ['eval net.onnx --data bomb.npz', 2, /^bomb\.npz: .*; /],
    [
      'eval net.onnx --data overlap.npz',
      2,
      "overlap.npz: the archive is damaged: 'a.npy' and 'b.npy' overlap; write it again",
    ],
    [
      'eval net.onnx --data nan-labels.npz',
      2,
      "nan-labels.npz: 'labels': expected numbers, got NaN in sample 1; fill it in or leave the sample out",
    ],
    ['eval GPT --data latin.txt', 2, 'latin.txt: expected UTF-8 text, got other bytes; convert the file'],
    ['eval GPT --data nul.txt', 2, 'nul.txt: expected UTF-8 text, got a NUL at byte 1; convert the file'],
    ['eval GPT --data latin.jsonl', 2, 'latin.jsonl:2: expected UTF-8 text, got other bytes; convert the file'],
    ['eval GPT --data deep.json', 2, 'deep.json[0]: expected a text, got an array; leave the entry out'],
    ['eval GPT --data aliases.yaml', 2, /^aliases\.yaml: expected YAML or JSON, got .*; correct it there$/],
    [
      'eval GPT --data huge.yaml',
      2,
      /^huge\.yaml: expected YAML or JSON of at most 1 MiB, got \d+ bytes; check the path$/,
    ],
    [
      'eval GPT --data long.txt --tokenizer types.json',
      2,
      /^types\.json: expected the definition of a Hugging Face tokenizer, got another: .*; export it again/,
    ],
    [
      'eval GPT --data long.txt --tokenizer nested.json',
      2,
      /^nested\.json: expected the definition of a Hugging Face tokenizer, got another: .*; export it again/,
    ],
    ['eval GPT --data long.txt --tokenizer folder', 2, 'folder: expected a file, got a folder; name a tokenizer.json'],
  ])('scalpel %s', check);
});
