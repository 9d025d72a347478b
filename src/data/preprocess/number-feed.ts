/** Numbers that are no pictures: scaled and shifted, as series and features are. */
import { UserError } from '../../errors.js';
import type { Value } from '../../ir/types.js';
import { floatsOf, tensorOf } from '../../tensor/convert.js';
import { isFloat, sizeOf } from '../../tensor/dtype.js';
import type { Tensor } from '../../tensor/tensor.js';
import { fitted, isInteger, typeOf } from '../fit.js';
import type { Column } from '../reader.js';
import { arithmeticOf, describeArithmetic } from './arithmetic.js';
import type { Feed } from './feeds.js';
import { type Preprocess, type Steps, stepsOf } from './steps.js';

/**
 * Means and deviations are one, or one a channel: the first axis of a record, which for a row of features is the feature.
 * @throws UserError for steps that only pictures have.
 */
export function numberFeed(input: Value, column: Column, preprocess: Preprocess, count: number, where: string): Feed {
  const steps = stepsOf(preprocess);
  const pictorial = (['channels', 'resize', 'crop', 'layout'] as const).find((step) => steps[step] !== undefined);
  if (pictorial && steps[pictorial] !== 'none') throw notPictures(pictorial, column, count, where);
  const { dtype } = typeOf(input);
  if (!isFloat(dtype) || !(isFloat(column.dtype) || isInteger(column.dtype))) {
    throw new UserError(
      where,
      `expected numbers for an input of floats to scale, got ${column.dtype} for ${dtype}; leave the scaling out`,
    );
  }
  const arithmetic = arithmeticOf(steps, column.shape[0] ?? 1, where);
  const inner = sizeOf(column.shape.slice(1));
  const compute = (array: Tensor): Tensor => {
    const { scale, mean, std } = arithmetic;
    const values = floatsOf(array).map((value, i) => {
      const channel = Math.floor(i / inner) % mean.length;
      return (value * scale - mean[channel]!) / std[channel]!;
    });
    return tensorOf('float32', array.shape, values);
  };
  const scaled: Column = { ...column, dtype: 'float32', read: (rows) => compute(column.read(rows)) };
  return { ...fitted(input, scaled, count, where), description: `'${input.name}' ${describeArithmetic(arithmetic)}` };
}

const notPictures = (step: keyof Steps, { dtype, shape }: Column, count: number, where: string): UserError =>
  new UserError(
    where,
    `expected pictures for '${step}' (uint8 with 1 or 3 channels first or last), got ${dtype}[${[count, ...shape].join(', ')}]; leave it out`,
  );
