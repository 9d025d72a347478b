/** Mistaken files, data and shapes: each command line with its exit code and the whole of its message. */
import { describe, test } from 'vitest';
import { check, inMistakeFolder, type Row } from './mistake-check.js';

inMistakeFolder();

describe('models', () => {
  test.each<Row>([
    ['inspect missing.onnx', 2, 'missing.onnx: no such file; check the path'],
    ['inspect folder', 2, 'folder: expected a file, got a folder; name a file'],
    [
      'inspect text.onnx',
      2,
      'text.onnx: expected a wire type 0, 1, 2, 3 or 5 at byte 0, got 4; the file is damaged or no ONNX model',
    ],
    [
      'inspect cut.onnx',
      2,
      /^cut\.onnx: expected field 7 to end by byte 150 at byte 2, got a length that ends at \d+; the file is damaged or no ONNX model$/,
    ],
    ['inspect empty.onnx', 2, 'empty.onnx: expected an ONNX model with a graph, found none; check the path'],
    ['compare net.onnx missing.onnx', 2, 'missing.onnx: no such file; check the path'],
    ['bench net.onnx missing.onnx', 2, 'missing.onnx: no such file; check the path'],
    [
      'bench net.onnx GPT',
      2,
      /model\.onnx: expected the inputs of net\.onnx, 'x' float32\[batch, 4\], got 'input_ids' int64\[batch, sequence\]; name models that take the same inputs$/,
    ],
    ['bench net.onnx -o taken.onnx', 2, /^taken\.onnx: expected a folder, got the file/],
    ['bench custom.onnx --provider cpu', 3, /Frobnicate/],
    [
      'prune lost.onnx OK',
      2,
      "lost.onnx: tensor 'scalpel/weight': external data file 'lost.data' is missing; keep it beside the model",
    ],
    ['prune relu.onnx OK', 3, 'relu.onnx: expected weight matrices to prune, found none; see `scalpel inspect`'],
    [
      'prune net.onnx --method magnitude --pattern 0.5 -o taken.onnx',
      2,
      'taken.onnx: already exists; add --force to replace it, or choose another --output',
    ],
    [
      'prune net.onnx --method magnitude --pattern 0.5 -o net.onnx --force',
      2,
      "prune: expected --output other than the model, got 'net.onnx'; name another file",
    ],
  ])('scalpel %s', check);
});

describe('numbers and ops', () => {
  test.each<Row>([
    [
      'prune nan.onnx OK',
      2,
      "prune 'scalpel/weight': the weight at row 2, column 1 is NaN; look for NaN or overflow in the model and the calibration data",
    ],
    [
      'prune net.onnx --method wanda --pattern 0.5 --calibration nan.npz -o o.onnx --provider cpu',
      2,
      "nan.npz: 'x': expected numbers, got NaN in sample 0 at [0]; fill it in or leave the sample out",
    ],
    [
      'prune net.onnx --method wanda --reconstruct whole --pattern 0.5 --calibration nan.npz -o o.onnx --provider cpu',
      2,
      "nan.npz: 'x': expected numbers, got NaN in sample 0 at [0]; fill it in or leave the sample out",
    ],
    [
      'compare net.onnx net.onnx --data nan.npz --provider cpu',
      2,
      "nan.npz: 'x': expected numbers, got NaN in sample 0 at [0]; fill it in or leave the sample out",
    ],
    [
      'eval net.onnx --data nan-labelled.npz --provider cpu',
      2,
      "nan-labelled.npz: 'x': expected numbers, got NaN in sample 1 at [3]; fill it in or leave the sample out",
    ],
    [
      'prune custom.onnx --method wanda --pattern 0.5 --calibration x.npz -o o.onnx --provider cpu',
      3,
      'my.domain.Frobnicate: the runtime has no such op; a model is run only where ONNX Runtime has all its ops: export it without this one',
    ],
  ])('scalpel %s', check);
});

describe('data', () => {
  test.each<Row>([
    ['eval GPT --data missing.txt', 2, 'missing.txt: no such file; check the path'],
    [
      'eval net.onnx --data folder',
      2,
      'folder: expected a folder of pictures (.jpg, .jpeg, .png), got an empty one; check the path',
    ],
    [
      'eval GPT --data data.xyz',
      2,
      /^data\.xyz: expected a name that ends in \.txt, .*, or a descriptor \(\.yaml\), got '\.xyz'; convert it, or say what it is \(--kind\)$/,
    ],
    [
      'eval GPT --data tokens.npy short.txt',
      2,
      'data: expected files of one kind, got arrays and text; give one kind at a time, or say which with --kind',
    ],
    [
      'eval GPT --data kind.yaml',
      2,
      /^kind\.yaml: 'kind': invalid option: expected one of "text"\|"tokens"\|"arrays"\|"images"\|/,
    ],
    ['eval GPT --data none.yaml', 2, 'nothing-*.txt: the pattern matches no file; check it and the folder'],
    [
      'eval GPT --data package.yaml',
      2,
      "package.yaml: the package '@nobody/has-this' is not installed; run npm install @nobody/has-this",
    ],
    ['eval GPT --data broken.jsonl', 2, /^broken\.jsonl:2: expected JSON, got /],
    [
      'eval GPT --data other.jsonl',
      2,
      "other.jsonl:1: expected text in the field 'text', got nothing; fields with text: 'body'",
    ],
    [
      'eval GPT --data short.txt --tokenizer tokenizer.json',
      2,
      /^tokenizer\.json: expected the definition of a Hugging Face tokenizer, got another: /,
    ],
    ['eval GPT --data short.txt --tokenizer none.json', 2, 'none.json: no such file; check the path'],
    ['eval GPT --data empty.txt', 2, 'empty.txt: expected text, got none; the files are empty'],
    [
      'eval GPT --data short.txt',
      2,
      'short.txt: expected 1 windows of 128 tokens, got 0 from 4 tokens; give more text, fewer samples or shorter windows',
    ],
    [
      'eval GPT --data short.txt --seq-len 500',
      2,
      'short.txt: expected windows of at most 128 tokens, the positions the model knows, got 500; give a smaller --seq-len',
    ],
    [
      'eval GPT --data beyond.npy',
      2,
      'beyond.npy: expected token ids in [0, 2048), got 5000 in window 0; use the tokenizer the model was trained with',
    ],
    [
      'eval GPT --data cut.npy',
      2,
      'cut.npy: expected a .npy header, got one of 118 bytes in a file of 100; the file is cut short or damaged: save it again',
    ],
    [
      'eval GPT --data tokens.npy --metric top1 --provider cpu',
      2,
      "accuracy: expected labelled samples, got none; add an array named 'labels', or say which column holds them (--label-column)",
    ],
    [
      'eval net.onnx --data short.txt',
      2,
      "short.txt: the model has no input of token ids for text, it has 'x'; give .npy or .npz arrays",
    ],
  ])('scalpel %s', check);
});

describe('shapes', () => {
  test.each<Row>([
    [
      'eval net.onnx --data none.npz',
      2,
      'none.npz: expected samples, got none; the arrays are empty along their first axis',
    ],
    [
      'eval net.onnx --data labels.npz',
      2,
      "labels.npz: expected arrays for 'x', got 'labels'; name the arrays after the inputs, or say which feeds which (--map INPUT=ARRAY)",
    ],
    [
      'eval net.onnx --data text.npz',
      2,
      'text.npz: expected a zip archive, got other content or a truncated one; write it with numpy.savez',
    ],
    ['eval net.onnx --data shape.npz', 2, "shape.npz: 'x': expected shape [?, 4], got [2, 5]; reshape it"],
    [
      'eval net.onnx --data type.npz',
      2,
      "type.npz: 'x': expected float32, got int64; convert it as the model was trained, or say how (--preset, --scale, --mean, --std)",
    ],
    [
      'eval net.onnx --data count.npz',
      2,
      "count.npz: 'labels': expected 2 labels, one a sample, got shape [3]; give one label a sample",
    ],
    [
      'eval net.onnx --data label.npz --provider cpu',
      2,
      "accuracy: expected labels below 3, the model's classes, got 7 for sample 1",
    ],
    [
      'eval net.onnx --data x.npz --provider cpu',
      2,
      "data: expected text, token ids or labelled samples, got none of them; add an array named 'labels', or say which column holds the labels (--label-column)",
    ],
    [
      'eval net.onnx --data x.npz --metric perplexity --provider cpu',
      2,
      'perplexity: expected text or token ids, got arrays; give data for a language model',
    ],
    [
      'prune net.onnx --method wanda --pattern 0.5 --calibration shape.npz -o o.onnx',
      2,
      "shape.npz: 'x': expected shape [?, 4], got [2, 5]; reshape it",
    ],
  ])('scalpel %s', check);
});
