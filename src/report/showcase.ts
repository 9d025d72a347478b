/** Which of many examples a page shows. */
import type { Space } from '../oracle/space.js';

/** At most `most` of the items, at equal distances of rank, the first and the last among them. */
export function spaced<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  if (most === 0) return [];
  if (most === 1) return [items[items.length >> 1]!];
  return Array.from({ length: most }, (_, i) => items[Math.round((i * (items.length - 1)) / (most - 1))]!);
}

/** A page larger than this takes long to open. */
const pageBytes = 25e6;

/** Exhibits of one method that keep the page of several in bounds. */
export function exhibitsWithin({ kind, size }: Space, methods: number): number {
  const bytes = { image: 4 * size, series: 60 * size, features: 4096, tokens: 4096 }[kind];
  return Math.max(1, Math.floor(pageBytes / (bytes * methods)));
}
