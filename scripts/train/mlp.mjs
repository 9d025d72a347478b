/** Classifiers of tables: one or two hidden layers. */
import { existsSync } from 'node:fs';

/** @param hidden widths. @param samples gives `{ x, y }`, row-major; and `train`, where the first rows alone are trained on. */
export const mlp = ({ files, features, classes, hidden, samples, isRaw = true, ...training }) => ({
  batch: 16,
  rate: 0.01,
  epochs: 40,
  ...training,
  classes,
  shape: [features],
  samples: () => samples(...files),
  missing: () => files.find((file) => !existsSync(file)),
  emit(parts, input, { moments }) {
    let x = isRaw ? parts.standardised(input, moments) : input;
    let width = features;
    hidden.forEach((next, i) => {
      x = parts.relu(parts.dense(x, `fc${i + 1}`, width, next));
      width = next;
    });
    return parts.head(x, 'head', width, classes);
  },
});
