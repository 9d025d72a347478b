/** Numbers as people read them, the same in every language setting. Units are set off by a narrow space that does not break. */

const space = '\u202f';
const minus = '\u2212';

const withMinus = (text: string): string => text.replace('-', minus);

/** 1234567 → `1,234,567`. */
export const count = (value: number): string => withMinus(new Intl.NumberFormat('en-US').format(value));

/** 1234567 → `1.23 M`. */
export function compact(value: number): string {
  if (Math.abs(value) < 10_000) return count(value);
  const units = ['', 'k', 'M', 'G', 'T'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.abs(value)) / 3));
  return `${withMinus((value / 1000 ** power).toPrecision(4))}${space}${units[power]}`;
}

/** Four significant digits: `12.35`, `0.001234`, `1.235e+9`. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'not a number' : withMinus(value > 0 ? '∞' : '-∞');
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e7)) return withMinus(value.toExponential(3));
  const digits = size >= 1000 ? 0 : 4;
  return withMinus(
    new Intl.NumberFormat(
      'en-US',
      digits === 0
        ? { maximumFractionDigits: 0 }
        : { maximumSignificantDigits: 4, minimumSignificantDigits: Number.isInteger(value) ? 1 : 4 },
    ).format(value),
  );
}

/** 0.5 → `50.0 %`. */
export const percent = (fraction: number, digits = 1): string =>
  Number.isFinite(fraction) ? `${withMinus((100 * fraction).toFixed(digits))}${space}%` : figure(fraction);

/** 4200000 → `4.20 MB`; decimal units. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, value < 1000 ? 0 : Math.floor(Math.log10(value) / 3));
  const scaled = value / 1000 ** power;
  return `${power === 0 ? value : scaled.toPrecision(3)}${space}${units[power]}`;
}

/** What happened from `before` to `after`, in percent of `before`. */
export function change(before: number, after: number): string {
  if (before === after) return 'unchanged';
  if (before === 0 || !Number.isFinite(before) || !Number.isFinite(after)) return '—';
  const ratio = after / before;
  if (ratio >= 10) return `×${space}${figure(ratio)}`;
  const text = percent(Math.abs(ratio - 1));
  return /^0\.0+\D/.test(text) ? `±${text}` : `${ratio > 1 ? '+' : minus}${text}`;
}

/** 3.2 → `3.2 s`, 200 → `3 min 20 s`. */
export function duration(seconds: number): string {
  if (seconds < 0.1) return `${Math.round(seconds * 1000)}${space}ms`;
  if (seconds < 60) return `${seconds.toFixed(1)}${space}s`;
  const whole = Math.round(seconds);
  const parts = [
    [Math.floor(whole / 3600), 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ] as const;
  return parts
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount}${space}${unit}`)
    .join(' ');
}

export const milliseconds = (value: number): string => `${figure(value)}${space}ms`;

/** [64, 128] → `64 × 128`. */
export const shapeText = (shape: readonly number[]): string => (shape.length === 0 ? 'scalar' : shape.join(' × '));

/** `1 layer`, `2 layers`. */
export const plural = (amount: number, noun: string): string => `${count(amount)} ${noun}${amount === 1 ? '' : 's'}`;
