/** Pictures in files. */
import { saveNpz } from '../../dist/tensor/npz.js';
import { float32, tensor } from '../../dist/tensor/tensor.js';

/** A .npz of `input` and `labels`, in order. @param most of one class, the first ones. */
export function savePictures(path, { x, y, shape }, most) {
  const width = shape.reduce((a, b) => a * b, 1);
  const seen = new Map();
  const rows = y.flatMap((label, row) => {
    seen.set(label, (seen.get(label) ?? 0) + 1);
    return seen.get(label) > most ? [] : [row];
  });
  const input = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    input.set(x.subarray(row * width, (row + 1) * width), i * width);
  });
  saveNpz(
    path,
    new Map([
      ['input', float32([rows.length, ...shape], input)],
      [
        'labels',
        tensor(
          'int32',
          [rows.length],
          Int32Array.from(rows, (row) => y[row]),
        ),
      ],
    ]),
  );
}
