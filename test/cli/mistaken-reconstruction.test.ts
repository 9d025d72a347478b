/** Mistaken options of reconstruction: each command line with its exit code and the whole of its message. */
import { describe, test } from 'vitest';
import { check, inMistakeFolder, type Row } from './mistake-check.js';

inMistakeFolder();

const both = 'prune net.onnx --method magnitude --pattern 0.5 -o o.onnx --calibration label.npz --reconstruct';

describe('reconstruction', () => {
  test.each<Row>([
    ['prune net.onnx OK --epochs 2', 2, 'prune: --epochs expected --reconstruct, got none; add it, or leave it out'],
    ['prune net.onnx OK --shuffle', 2, 'prune: --shuffle expected --reconstruct, got none; add it, or leave it out'],
    [
      'prune net.onnx OK --reconstruct halfs',
      2,
      "prune: --reconstruct expected matrix, half, block, whole, blocks:N or a file of regions, got 'halfs'; did you mean half?",
    ],
    [
      'prune net.onnx --method magnitude --pattern 0.5 -o o.onnx --reconstruct half',
      2,
      'prune: --reconstruct and --retrain expected calibration data, got none; name it with --calibration',
    ],
    [
      `${both} half --solver least-squares`,
      2,
      'prune: --solver least-squares expected regions of one matrix; say --reconstruct matrix, or take descent',
    ],
    [
      `${both} matrix --solver least-squares --rate 0.1`,
      2,
      'prune: --rate expected --solver descent, got least-squares; leave it out',
    ],
    [`${both} half --ridge 0.1`, 2, 'prune: --ridge expected --solver least-squares, got descent; leave it out'],
    [`${both} half --rate 0`, 2, "prune: --rate expected a number in [1e-12, 1000], got '0'"],
    [`${both} half --optimiser adam`, 2, "prune: --optimiser expected adamw or sgd, got 'adam'; did you mean adamw?"],
    [`${both} half --warm-up 1`, 2, "prune: --warm-up expected a number in [0, 1), got '1'"],
    [`${both} half --held-out 1.5`, 2, "prune: --held-out expected a number in [0, 1), got '1.5'"],
    [
      `${both} half --rank 4`,
      2,
      'prune: --rank expected --trained lora, lora-prune, mask-lora, scale-lora or spp, got all; leave it out',
    ],
    [
      `${both} half --inputs dense --targets own`,
      2,
      'prune: --targets own expected --inputs sparse, got dense, for which both targets are the same; leave --targets out',
    ],
    [
      `${both} half --batch-size 8 --accumulate 3`,
      2,
      'prune: --accumulate expected a number that divides --batch-size 8, got 3',
    ],
    [
      `${both} half --jobs 2`,
      2,
      'prune: --jobs 2 expected --inputs dense, got sparse, with which each region waits for the one before; add --inputs dense, or leave --jobs out',
    ],
    [
      `${both} half --retrain`,
      2,
      'prune: --reconstruct expected reconstruction by regions, got --retrain too; leave one out',
    ],
    [
      'reconstruct net.onnx --dense other.onnx --calibration label.npz -o o.onnx --retrain --loss cosine',
      2,
      'reconstruct: --loss expected reconstruction by regions, got --retrain too; leave one out',
    ],
    [
      'reconstruct net.onnx --dense other.onnx --calibration label.npz -o o.onnx --retrain --jobs 2',
      2,
      'reconstruct: --jobs 2 expected reconstruction by regions, got --retrain, which is one; leave one out',
    ],
    [
      'reconstruct net.onnx --dense other.onnx --calibration label.npz',
      2,
      'reconstruct: expected --output, got nothing; name the reconstructed model, or add --dry-run',
    ],
    [
      'reconstruct net.onnx --calibration label.npz -o o.onnx',
      2,
      'reconstruct: expected --dense, got nothing; see scalpel reconstruct --help',
    ],
    [
      'reconstruct net.onnx --dense net.onnx --calibration label.npz -o o.onnx',
      2,
      "reconstruct: expected --dense other than the model, got 'net.onnx' twice; name what it was pruned from",
    ],
    [
      'reconstruct net.onnx --dense other.onnx --calibration label.npz -o net.onnx',
      2,
      "reconstruct: expected --output other than the model, got 'net.onnx'; name another file",
    ],
    [
      'reconstruct net.onnx --dense other.onnx --calibration label.npz -o o.onnx --max-drop 0.1',
      2,
      'reconstruct: --max-drop expected --eval-data, got none; name it, or leave --max-drop out',
    ],
  ])('%s', async (line, exitCode, message) => {
    await check(line, exitCode, message);
  });
});
