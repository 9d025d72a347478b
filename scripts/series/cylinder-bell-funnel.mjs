/**
 * Cylinder-Bell-Funnel: writes the bundled series, or as many as are asked for:
 *
 *     node scripts/series/cylinder-bell-funnel.mjs [FOLDER] [TRAIN] [TEST] [SEED]
 *
 * FOLDER/cbf-train.tsv and FOLDER/cbf-test.tsv hold a series a line, its class first, as the UCR archive does; three digits after the
 * point. Default: calibration, 600, 240, 0. Needs `npm run build`.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { random } from '../../dist/tensor/random.js';

export const length = 128;
export const names = ['cylinder', 'bell', 'funnel'];

/** What stands between the first step of an event and its last, in [0, 1] of its height. */
const shapes = {
  cylinder: () => 1,
  bell: (t, a, b) => (t - a) / (b - a),
  funnel: (t, a, b) => (b - t) / (b - a),
};

/**
 * Saito, Local feature extraction and its applications using a library of bases (thesis, Yale 1994): an event of height 6 + eta from
 * step a to step b of 1 to 128, that stays, rises or falls, and noise everywhere; eta and the noise are standard normal, a is a whole
 * number in [16, 32] and b - a one in [32, 96], each as likely as the others.
 *
 * @param count series, the classes in turn. @param stream sets of other streams are independent.
 * @returns `values` [count, 128] and `labels` [count]: 0 cylinder, 1 bell, 2 funnel.
 */
export function cylinderBellFunnel(count, seed, stream) {
  const draw = random(seed, `cylinder-bell-funnel ${stream}`);
  const values = new Float32Array(count * length);
  const labels = Int32Array.from({ length: count }, (_, i) => i % names.length);
  labels.forEach((label, i) => {
    const a = 16 + draw.integer(2 * i, 17);
    const b = a + 32 + draw.integer(2 * i + 1, 65);
    const [eta, ...noise] = draw.normals(1 + length, i * (1 + length));
    const shape = shapes[names[label]];
    noise.forEach((own, at) => {
      const t = at + 1;
      const event = t >= a && t <= b ? (6 + eta) * shape(t, a, b) : 0;
      values[i * length + at] = event + own;
    });
  });
  return { values, labels };
}

/** A series a line: its class from 1 on, then its values. */
export function tsvOf({ values, labels }) {
  const rows = Array.from(labels, (label, i) => {
    const own = Array.from(values.subarray(i * length, (i + 1) * length), (value) => value.toFixed(3));
    return [label + 1, ...own].join('\t');
  });
  return `${rows.join('\n')}\n`;
}

if (process.argv[1] === import.meta.filename) {
  const bundled = fileURLToPath(new URL('../../calibration', import.meta.url));
  const [folder = bundled, ...numbers] = process.argv.slice(2);
  const [train, test, seed] = [600, 240, 0].map((fallback, i) => Number(numbers[i] ?? fallback));
  for (const [part, count] of Object.entries({ train, test })) {
    writeFileSync(join(folder, `cbf-${part}.tsv`), tsvOf(cylinderBellFunnel(count, seed, part)));
  }
}
