/** unitOrder: what says of a model that its units stand in another order than in the one it was made of: weights of one name are not of the same units then. */
import { createHash } from 'node:crypto';
import type { Model } from '../ir/types.js';

/** In the metadata of a model. */
const key = 'onnx-scalpel.unit-order';

/** Equal for equal orders. @param orders by group. */
export const orderId = (orders: readonly (readonly number[])[]): string =>
  createHash('sha256').update(JSON.stringify(orders)).digest('hex').slice(0, 16);

/** Of an order that was changed twice, both changes. */
export function withUnitOrder(model: Model, id: string): Model {
  const before = unitOrderOf(model);
  return { ...model, metadata: new Map([...model.metadata, [key, before ? `${before} ${id}` : id]]) };
}

const unitOrderOf = ({ metadata }: Model): string | undefined => metadata.get(key);

/** Whether a weight of one name is of the same units in both, as far as the files say. */
export const haveSameOrder = (a: Model, b: Model): boolean => unitOrderOf(a) === unitOrderOf(b);
