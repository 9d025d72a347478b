/** Sample entropy: how surely series that ran alike for some steps run alike one step longer. */

/**
 * Richman, Moorman, Physiological time-series analysis using approximate entropy and sample entropy (2000), as tsfresh counts:
 * -ln(A / B), where B counts pairs of windows of `width` steps that differ by at most `tolerance` everywhere, and A those of
 * `width` + 1; the last window, which has no longer one, counts for B too.
 *
 * Without a pair of the longer kind, where tsfresh has infinity or none, the answer is the largest that the definition can give:
 * ln((n - width)(n - width - 1) / 2), and 0 below `width` + 2 values.
 */
export function sampleEntropy(x: Float64Array, width: number, tolerance: number): number {
  const n = x.length;
  let [longer, shorter] = [0, 0];
  // pairs of one lag lie along a diagonal, where a window of matches is a run of them
  for (let lag = 1; lag < n; lag++) {
    let run = 0;
    for (let i = 0, j = lag; j < n; i++, j++) {
      const apart = x[i]! - x[j]!;
      run = apart <= tolerance && apart >= -tolerance ? run + 1 : 0;
      if (run >= width) shorter++;
      if (run > width) longer++;
    }
  }
  if (longer > 0) return -Math.log(longer / shorter);
  const windows = n - width;
  return windows < 2 ? 0 : Math.log((windows * (windows - 1)) / 2);
}
