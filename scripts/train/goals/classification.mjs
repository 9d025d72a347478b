/** Classes from scores: cross-entropy, and how many held-out samples are told right. */
import { losses } from '../../../dist/autodiff/losses.js';
import { int64 } from '../../../dist/tensor/tensor.js';

export const classification = (classes) => ({
  targets: ({ y }, from, count) => new Map([['label', int64([count], y.slice(from, from + count))]]),
  loss: (g, { logits, label }) => losses['cross-entropy'].emit(g, logits, logits.type, label, {}),
  /** `majority` is the share of the largest class. */
  figures({ logits }, { y, count }) {
    const right = y.filter((label, row) => {
      const own = logits.subarray(row * classes, (row + 1) * classes);
      return own.indexOf(Math.max(...own)) === label;
    });
    const sizes = Array.from({ length: classes }, (_, c) => y.filter((each) => each === c).length);
    return { accuracy: right.length / count, majority: Math.max(...sizes) / count };
  },
});
