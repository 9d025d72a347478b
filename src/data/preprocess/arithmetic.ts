/** (value * scale - mean) / std: the arithmetic of preprocessing, with a table for bytes. */
import { UserError } from '../../errors.js';
import type { Steps } from './steps.js';

export interface Arithmetic {
  readonly scale: number;
  /** One a channel. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** @throws UserError when means or deviations are neither one nor one a channel. */
export function arithmeticOf({ scale = 1, mean = [0], std = [1] }: Steps, channels: number, where: string): Arithmetic {
  return { scale, mean: perChannel(mean, channels, 'mean', where), std: perChannel(std, channels, 'std', where) };
}

/** By channel: what each byte becomes. */
export const tablesOf = ({ scale, mean, std }: Arithmetic): readonly Float32Array[] =>
  mean.map((offset, c) => Float32Array.from({ length: 256 }, (_, byte) => (byte * scale - offset) / std[c]!));

/** What is done, or that nothing is. */
export function describeArithmetic({ scale, mean, std }: Arithmetic): string {
  const steps = [
    ...(scale === 1 ? [] : [`times ${short(scale)}`]),
    ...(mean.every((value) => value === 0) ? [] : [`minus ${list(mean)}`]),
    ...(std.every((value) => value === 1) ? [] : [`divided by ${list(std)}`]),
  ];
  return steps.length > 0 ? steps.join(', ') : 'values as they are';
}

function perChannel(values: readonly number[], channels: number, name: string, where: string): readonly number[] {
  if (values.length === 1) return new Array<number>(channels).fill(values[0]!);
  if (values.length === channels) return values;
  const wanted = channels === 1 ? '1 number' : `1 or ${channels} numbers`;
  throw new UserError(where, `expected a ${name} of ${wanted}, got ${values.length}; give one a channel`);
}

const list = (values: readonly number[]): string =>
  values.every((value) => value === values[0]) ? short(values[0]!) : `(${values.map(short).join(', ')})`;

/** Fractions of one, which scales often are, as such. */
function short(value: number): string {
  const inverse = 1 / value;
  return Math.abs(value) < 0.1 && Math.abs(inverse - Math.round(inverse * 2) / 2) < 1e-9
    ? `1/${Math.round(inverse * 2) / 2}`
    : String(value);
}
