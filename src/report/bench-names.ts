/** What the models of a bench are called in tables and charts: as much of each path as tells them apart. */
import type { BenchReport } from './bench-report.js';
import { visible } from './visible.js';

/** One name a model, all different; one file named twice is numbered. */
export function benchNames({ models }: Pick<BenchReport, 'models'>): string[] {
  const paths = models.map(({ file }) => file.path.split(/[\\/]+/).filter((part) => part !== ''));
  const names = paths.map((parts, i) => {
    const others = paths.filter((each, k) => k !== i && each.join('/') !== parts.join('/'));
    const length = parts.findIndex((_, tail) =>
      others.every((each) => tailOf(each, tail + 1) !== tailOf(parts, tail + 1)),
    );
    return visible(tailOf(parts, length < 0 ? parts.length : length + 1));
  });
  return names.map((name, i) => {
    const before = names.slice(0, i).filter((each) => each === name).length;
    return before === 0 ? name : `${name} (${before + 1})`;
  });
}

const tailOf = (parts: readonly string[], length: number): string => parts.slice(-length).join('/');
