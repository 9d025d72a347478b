/** Mistaken requests for structured pruning: each command line with its exit code and the whole of its message, and nothing written. */
import { describe, test } from 'vitest';
import { listed } from '../../src/cli/values.js';
import { depthKinds } from '../../src/depth/kinds.js';
import { kinds } from '../../src/groups/kinds.js';
import { blockCriteria } from '../../src/prune/blocks/index.js';
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
      `shrink: --units expected ${listed([...Object.keys(kinds), ...Object.keys(depthKinds)], 'or')}, got 'neuron'; did you mean neurons?`,
    ],
    [
      'shrink net.onnx --criterion tailor --sparsity 0.3 -o o.onnx',
      2,
      `shrink: --criterion expected ${listed([...new Set([...Object.keys(unitCriteria), ...Object.keys(blockCriteria)])], 'or')}, got 'tailor'; did you mean taylor?`,
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

describe('blocks', () => {
  const blocks = 'shrink net.onnx --units blocks --sparsity 0.3 -o o.onnx';
  test.each<Row>([
    [
      'shrink net.onnx --units blocks,channels --sparsity 0.3 -o o.onnx',
      2,
      'shrink: expected blocks alone, got --units blocks,channels; shrink in two steps',
    ],
    [
      'shrink net.onnx --units channels,branches --sparsity 0.3 -o o.onnx',
      2,
      'shrink: expected branches alone, got --units channels,branches; shrink in two steps',
    ],
    [
      `${blocks} --criterion flap-wifv`,
      2,
      `shrink: --criterion expected ${listed(Object.keys(blockCriteria), 'or')} for --units blocks, got 'flap-wifv'; choose one of these`,
    ],
    [
      'shrink net.onnx --units neurons,heads --criterion loss --sparsity 0.3 -o o.onnx',
      2,
      `shrink: --criterion expected ${listed(Object.keys(unitCriteria), 'or')} for --units neurons,heads, got 'loss'; choose one of these`,
    ],
    [blocks, 2, 'shrink: --criterion block-influence expected calibration data, got none; name it with --calibration'],
    ...(['allocation uniform', 'multiple 8', 'least 0.1', 'compensate', 'no-compensate'] as const).map(
      (option): Row => [
        `${blocks} --${option}`,
        2,
        `shrink: --${option.split(' ')[0]} expected units in groups, got --units blocks; leave it out`,
      ],
    ),
    [
      `${blocks} --reconstruct half --calibration data.npz`,
      2,
      'shrink: expected --retrain, got --reconstruct half: zeros in weights do not take out blocks, which regions cannot be fitted without; train what is left as a whole',
    ],
    [`${blocks} --rate 0.1`, 2, 'shrink: --rate expected --retrain, got none; add it, or leave it out'],
    [
      `${blocks} --criterion magnitude --retrain`,
      2,
      'shrink: --reconstruct and --retrain expected calibration data, got none; name it with --calibration',
    ],
    [
      `shrink relu.onnx --units branches --criterion magnitude --sparsity 0.3 -o o.onnx ${cpu}`,
      3,
      'relu.onnx: expected branches that can go, found none (no layers are added to what goes past them); choose other --units',
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
