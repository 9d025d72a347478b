/** Mistaken requests for structured pruning: each command line with its exit code and the whole of its message, and nothing written. */
import { describe, test } from 'vitest';
import { listed } from '../../src/cli/values.js';
import { kinds } from '../../src/groups/kinds.js';
import { unitCriteria } from '../../src/prune/units/index.js';
import { check, inMistakeFolder, type Row } from './mistake-check.js';

inMistakeFolder();

const cpu = '--provider cpu';

describe('words', () => {
  test.each<Row>([
    ['shrink net.onnx -o o.onnx', 2, 'shrink: expected --sparsity or --target, got neither; say how much is to go'],
    [
      'shrink net.onnx --sparsity 0.3 --target bytes=0.5 -o o.onnx',
      2,
      'shrink: expected --sparsity or --target, got both; leave one out',
    ],
    [
      'shrink net.onnx --sparsity 0.3',
      2,
      'shrink: expected --output, got nothing; name the shrunk model, or add --dry-run',
    ],
    ['shrink net.onnx --sparsity 1 -o o.onnx', 2, "shrink: --sparsity expected a number in [0, 1), got '1'"],
    [
      'shrink net.onnx --target speed=0.5 -o o.onnx',
      2,
      "shrink: --target expected parameters, flops, bytes, latency and a fraction below 1, such as latency=0.6, got 'speed=0.5'",
    ],
    [
      'shrink net.onnx --target bytes=2 -o o.onnx',
      2,
      "shrink: --target expected parameters, flops, bytes, latency and a fraction below 1, such as latency=0.6, got 'bytes=2'",
    ],
    [
      'shrink net.onnx --units neuron --sparsity 0.3 -o o.onnx',
      2,
      `shrink: --units expected ${listed(Object.keys(kinds), 'or')}, got 'neuron'; did you mean neurons?`,
    ],
    [
      'shrink net.onnx --criterion tailor --sparsity 0.3 -o o.onnx',
      2,
      `shrink: --criterion expected ${listed(Object.keys(unitCriteria), 'or')}, got 'tailor'; did you mean taylor?`,
    ],
    [
      'shrink net.onnx --criterion wanda-sp --sparsity 0.3 -o o.onnx',
      2,
      'shrink: --criterion wanda-sp expected calibration data, got none; name it with --calibration',
    ],
    [
      'shrink net.onnx --compensate --sparsity 0.3 -o o.onnx',
      2,
      'shrink: --compensate expected calibration data, got none; name it with --calibration',
    ],
    [
      'shrink net.onnx --target latency=0.5 -o o.onnx',
      2,
      'shrink: --target latency expected calibration data, got none; name it with --calibration',
    ],
    [
      'shrink net.onnx --sparsity 0.3 --compensate --no-compensate --calibration data.npz -o o.onnx',
      2,
      'shrink: expected --compensate or --no-compensate, got both; leave one out',
    ],
    [
      'shrink net.onnx --sparsity 0.3 --rate 0.1 -o o.onnx',
      2,
      'shrink: --rate expected --reconstruct, got none; add it, or leave it out',
    ],
    [
      'shrink net.onnx --sparsity 0.3 --reconstruct half --trained lora --calibration data.npz -o o.onnx',
      2,
      'shrink: expected changes that can be merged, got --trained lora, which stays beside layers; choose lora-prune or mask-lora',
    ],
  ])('%s', check);
});

describe('models', () => {
  test.each<Row>([
    [
      `shrink relu.onnx --sparsity 0.3 -o o.onnx ${cpu}`,
      3,
      'relu.onnx: expected channels or neurons or heads or kv-groups or recurrent-units that can go, found none (it has no weights); choose other --units',
    ],
    [`shrink lost.onnx --sparsity 0.3 -o o.onnx ${cpu}`, 2, /lost\.data/],
    [`shrink text.onnx --sparsity 0.3 -o o.onnx ${cpu}`, 2, /^text\.onnx: /],
  ])('%s', check);
});
