/**
 * CIFAR-10 records to a .npz of `input` and `labels`: node scripts/make-cifar-npz.mjs RECORDS.bin OUT.npz
 *
 * A record is one label byte and 3,072 bytes of pixels, channels first. `input` is float32 [N, 3, 32, 32], scaled to [0, 1] and
 * normalised as the ResNets of akamaster/pytorch_resnet_cifar10 were trained; `labels` is int32 [N]. Needs `npm run build`.
 */
import { readFileSync } from 'node:fs';
import { saveNpz } from '../dist/tensor/npz.js';
import { tensor } from '../dist/tensor/tensor.js';

const mean = [0.485, 0.456, 0.406];
const deviation = [0.229, 0.224, 0.225];
const pixels = 32 * 32;
const recordBytes = 1 + 3 * pixels;

/**
 * @param {Uint8Array} records
 * @returns {Map<string, import('../dist/tensor/tensor.js').Tensor>}
 */
export function cifarArrays(records) {
  const count = records.length / recordBytes;
  if (!Number.isInteger(count))
    throw new Error(`expected records of ${recordBytes} bytes, got ${records.length} bytes`);
  const input = new Float32Array(count * 3 * pixels);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const record = records.subarray(i * recordBytes, (i + 1) * recordBytes);
    labels[i] = record[0];
    for (let k = 0; k < 3 * pixels; k++) {
      const channel = Math.floor(k / pixels);
      input[i * 3 * pixels + k] = (record[1 + k] / 255 - mean[channel]) / deviation[channel];
    }
  }
  return new Map([
    ['input', tensor('float32', [count, 3, 32, 32], input)],
    ['labels', tensor('int32', [count], labels)],
  ]);
}

if (process.argv[1] === import.meta.filename) {
  const [records, output] = process.argv.slice(2);
  if (!records || !output) throw new Error('usage: node scripts/make-cifar-npz.mjs RECORDS.bin OUT.npz');
  saveNpz(output, cifarArrays(readFileSync(records)));
}
