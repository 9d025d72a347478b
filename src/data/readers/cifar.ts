/** CIFAR-10 and CIFAR-100 in their binary form: one or two bytes of labels, then 32 x 32 pixels, channel after channel. */
import { UserError } from '../../errors.js';
import { filePayload } from '../../tensor/file-payload.js';
import type { Payload } from '../../tensor/tensor.js';
import { interleaved } from '../interleaved.js';
import type { Reader, ReaderOptions } from '../reader.js';

const side = 32;
const pixelBytes = 3 * side * side;

/** Both forms by the bytes of labels in front of the pixels; the label that counts is the last. */
const forms = [
  { name: 'CIFAR-10', labelBytes: 1, classes: 10 },
  { name: 'CIFAR-100', labelBytes: 2, classes: 100 },
] as const;

type Form = (typeof forms)[number];

/** Krizhevsky, Learning multiple layers of features from tiny images, 2009; the format of the site's "binary version". */
export const cifar: Reader = {
  suffixes: ['.bin'],
  read: async (files, options) => {
    const form = formOf(files);
    const recordBytes = form.labelBytes + pixelBytes;
    const payloads = files.map((path) => filePayload(path));
    const ends: number[] = [];
    for (const { byteLength } of payloads) ends.push((ends.at(-1) ?? 0) + byteLength / recordBytes);
    const planesOf = (row: number): Uint8Array => {
      const part = ends.findIndex((end) => row < end);
      const offset = (row - (ends[part - 1] ?? 0)) * recordBytes + form.labelBytes;
      return payloads[part]!.read(offset, pixelBytes);
    };
    const { at, classes } = labelOf(form, options, files[0]!);
    return {
      count: ends.at(-1)!,
      columns: new Map([
        [
          'image',
          {
            size: [side, side, 3],
            picture: (row) => ({ height: side, width: side, channels: 3, pixels: interleaved(planesOf(row), 3) }),
          },
        ],
      ]),
      labels: files.flatMap((path, i) => labelsIn(payloads[i]!, recordBytes, at, classes, path)),
      classes: Array.from({ length: classes }, (_, i) => i),
      description: `${form.name} records`,
    };
  },
};

function formOf(files: readonly string[]): Form {
  const sizes = files.map((path) => filePayload(path).byteLength);
  const form = forms.find(({ labelBytes }) =>
    sizes.every((size) => size > 0 && size % (labelBytes + pixelBytes) === 0),
  );
  if (form) return form;
  const wrong = sizes.findIndex((size) => size === 0 || size % (1 + pixelBytes) !== 0);
  const [small, large] = forms.map(({ labelBytes }) => labelBytes + pixelBytes);
  throw new UserError(
    files[Math.max(0, wrong)]!,
    `expected CIFAR records of ${small} or ${large} bytes, got ${sizes[Math.max(0, wrong)]} bytes in all; the file is cut off or of another format`,
  );
}

/** Which byte of a record is its label: of CIFAR-100's two the fine one, or the coarse one when asked for. */
function labelOf({ name, labelBytes, classes }: Form, { label }: ReaderOptions, where: string) {
  if (label === undefined || (label === 'fine' && labelBytes === 2)) return { at: labelBytes - 1, classes };
  if (label === 'coarse' && labelBytes === 2) return { at: 0, classes: 20 };
  const known = labelBytes === 2 ? 'fine or coarse' : 'none to choose';
  throw new UserError(where, `expected the label of ${name} (${known}), got '${label}'; leave it out`);
}

/** Records that are read at once where only their labels matter. */
const recordsAtOnce = 1024;

function labelsIn(payload: Payload, recordBytes: number, at: number, classes: number, path: string): number[] {
  const labels: number[] = [];
  for (let offset = 0; offset < payload.byteLength; offset += recordsAtOnce * recordBytes) {
    const bytes = payload.read(offset, Math.min(recordsAtOnce * recordBytes, payload.byteLength - offset));
    for (let record = 0; record < bytes.length; record += recordBytes) labels.push(bytes[record + at]!);
  }
  const wrong = labels.findIndex((label) => label >= classes);
  if (wrong < 0) return labels;
  throw new UserError(
    path,
    `expected labels below ${classes}, got ${labels[wrong]} in record ${wrong}; the file is damaged or of another format`,
  );
}
