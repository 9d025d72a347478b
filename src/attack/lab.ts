/** CIELAB, in which distances are nearly those that are seen. */

/** Reference white D65. */
const white = [0.95047, 1, 1.08883] as const;

/** Planes L (0 to 100), a and b of planes red, green and blue in [0, 1], as sRGB; float64, since neighbours differ by little. */
export function labOf(rgb: Float32Array): Float64Array {
  const pixels = rgb.length / 3;
  const lab = new Float64Array(rgb.length);
  for (let i = 0; i < pixels; i++) {
    const r = linear(rgb[i] as number);
    const g = linear(rgb[pixels + i] as number);
    const b = linear(rgb[2 * pixels + i] as number);
    const x = perceived((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / white[0]);
    const y = perceived((0.2126729 * r + 0.7151522 * g + 0.072175 * b) / white[1]);
    const z = perceived((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / white[2]);
    lab[i] = 116 * y - 16;
    lab[pixels + i] = 500 * (x - y);
    lab[2 * pixels + i] = 200 * (y - z);
  }
  return lab;
}

const linear = (c: number): number => (c > 0.04045 ? ((c + 0.055) / 1.055) ** 2.4 : c / 12.92);

const perceived = (t: number): number => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116);
