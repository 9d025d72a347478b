/** Expected calibration error: how far confidence lies from accuracy. */

const bins = 15;

/**
 * Naeini, Cooper and Hauskrecht, Obtaining Well Calibrated Probabilities Using Bayesian Binning (AAAI 2015), as Guo et al., On Calibration of
 * Modern Neural Networks (arXiv 1706.04599), compute it: 15 bins of equal width by the probability of the predicted class, each closed at
 * its upper end; the mean of |accuracy - mean probability| weighted by samples.
 */
export function calibrationError() {
  const counts = new Float64Array(bins);
  const confidences = new Float64Array(bins);
  const hits = new Float64Array(bins);
  return {
    add(confidence: number, isRight: boolean): void {
      const bin = Math.min(bins - 1, Math.max(0, Math.ceil(confidence * bins) - 1));
      counts[bin]!++;
      confidences[bin]! += confidence;
      if (isRight) hits[bin]!++;
    },
    figure(): number {
      const total = counts.reduce((sum, count) => sum + count, 0);
      return counts.reduce((sum, _, bin) => sum + Math.abs(hits[bin]! - confidences[bin]!), 0) / total;
    },
  };
}
