/** growingSpheres: random points farther and farther from the instance, until one reaches the goal. */
import { rowAt } from '../../oracle/packed.js';
import type { Case } from '../case.js';
import { explainer } from '../explainer.js';

/**
 * Laugel, Lesot, Marsala, Renard, Detyniecki, Inverse classification for comparison-based interpretability in machine learning (arXiv
 * 1712.08443). Points are uniform in shells of growing radius, in [0, 1] an element; of the first shell that holds any the nearest is
 * taken, and its smallest changes are reset as long as it still reaches the goal.
 */
export const growingSpheres = explainer({
  name: 'growing-spheres',
  paper:
    'Laugel et al., Inverse classification for comparison-based interpretability in machine learning (arXiv 1712.08443)',
  asks: 'scores',
  options: {
    samples: { default: 1000, about: 'points in a shell', from: 1, whole: true },
    step: { default: 0.2, about: 'width of a shell', from: 1e-6 },
    rounds: { default: 1000, about: 'shells at most', from: 1, whole: true },
  },
  async run(asked, { samples, step, rounds }) {
    let open = asked.all;
    // beyond the diagonal of the box nothing new lies
    const most = Math.min(rounds, Math.ceil(Math.sqrt(asked.size) / step));
    for (let round = 0; round < most && open.length > 0; round++) {
      for (const row of open) await shell(asked, row, { samples, low: round * step, high: (round + 1) * step, round });
      open = asked.missing(open);
      asked.progress = Math.max((round + 1) / most, 1 - open.length / asked.count);
    }
    await resetSmallest(asked, asked.solved());
  },
});

interface Shell {
  readonly samples: number;
  readonly low: number;
  readonly high: number;
  readonly round: number;
}

/** Uniform in the shell: directions of normal numbers, radii by the root that evens out the volume. */
async function shell(asked: Case, row: number, { samples, low, high, round }: Shell): Promise<void> {
  const { size } = asked;
  const rng = asked.random(row, `shell ${round}`);
  const free = Array.from({ length: size }, (_, i) => i).filter((i) => !asked.isFixed(row * size + i));
  const x = rowAt(asked.x, size, row);
  const normals = rng.normals(samples * free.length);
  const shares = rng.uniforms(samples, samples * free.length);
  const points = new Float32Array(samples * size);
  for (let s = 0; s < samples; s++) {
    const way = normals.subarray(s * free.length, (s + 1) * free.length);
    const norm = Math.sqrt(way.reduce((sum, value) => sum + value * value, 0)) || 1;
    const d = free.length;
    const radius = (low ** d + shares[s]! * (high ** d - low ** d)) ** (1 / d) || high;
    points.set(x, s * size);
    free.forEach((i, k) => {
      points[s * size + i] = x[i]! + (way[k]! / norm) * radius;
    });
  }
  await asked.propose(points, Array(samples).fill(row));
}

/** Feature by feature, the smallest change first. */
async function resetSmallest(asked: Case, rows: readonly number[]): Promise<void> {
  const { size } = asked;
  const points = new Map(rows.map((row) => [row, asked.best(row).slice()]));
  const order = new Map(rows.map((row) => [row, asked.smallestFirst(row)]));
  for (let k = 0; ; k++) {
    const open = rows.filter((row) => order.get(row)!.length > k);
    if (open.length === 0) return;
    const tried = new Float32Array(open.length * size);
    open.forEach((row, j) => {
      asked.reset(points.get(row)!, row, new Set([order.get(row)![k]!]), rowAt(tried, size, j));
    });
    const { margins } = await asked.propose(tried, open);
    open.forEach((row, j) => {
      if (margins[j]! < 0) points.get(row)!.set(tried.subarray(j * size, (j + 1) * size));
    });
  }
}
