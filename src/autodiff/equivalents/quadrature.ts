/** Gauss-Legendre quadrature. */

/** Nodes in (0, 1) and weights of the rule with `count` points: exact for polynomials up to degree 2 count - 1. */
export function gaussLegendre(count: number): {
  readonly nodes: readonly number[];
  readonly weights: readonly number[];
} {
  const places = Array.from({ length: count }, (_, i) => i);
  const roots = places.map((i) => rootNear(Math.cos((Math.PI * (i + 0.75)) / (count + 0.5)), count));
  return {
    nodes: roots.map((x) => (1 + x) / 2),
    weights: roots.map((x) => 1 / ((1 - x * x) * legendre(count, x).slope ** 2)),
  };
}

/** Newton's steps double the digits: five reach the last. */
function rootNear(start: number, degree: number): number {
  let x = start;
  for (let step = 0; step < 5; step++) {
    const { value, slope } = legendre(degree, x);
    x -= value / slope;
  }
  return x;
}

/** The Legendre polynomial and its derivative, by the recurrence in the degree. */
function legendre(degree: number, x: number): { readonly value: number; readonly slope: number } {
  let [before, value] = [1, x];
  for (let n = 2; n <= degree; n++) [before, value] = [value, ((2 * n - 1) * x * value - (n - 1) * before) / n];
  return { value, slope: (degree * (x * value - before)) / (x * x - 1) };
}
