/** The words and numbers of reports on changed examples. */
import type { SpaceKind } from '../oracle/space.js';
import { count, figure } from './format.js';

/** What can be changed as one. */
export const positionWord = (kind: SpaceKind): string => words[kind];

const words = { image: 'pixel', series: 'time step', features: 'feature', tokens: 'token' } as const satisfies Record<
  SpaceKind,
  string
>;

/** The name of a class where the data has one; bare numbers are told as such. */
export function className(classes: readonly string[] | undefined, label: number): string {
  const name = classes?.[label] ?? String(label);
  return /^[-+.\d]+$/.test(name) ? `class ${name}` : name;
}

/** Three digits: `0.0123`, `12.3`, `1,234`. */
export function brief(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value) || size >= 100) return count(Math.round(value));
  return size >= 1e-3 ? value.toPrecision(3).replace('-', '\u2212') : figure(value);
}

/** A norm with its index set low. */
export const figureNames = {
  clusters: 'clusters',
  d20: 'd₂,₀',
  l1: 'l₁',
  l2: 'l₂',
  linf: 'l∞',
} as const;

export const optional = (value: number | undefined, show: (value: number) => string): string =>
  value === undefined ? '—' : show(value);
