/** Random tensors of every type that NumPy has, and a form of them that compares. */
import fc from 'fast-check';
import { type DataType, dataTypes, sizeOf } from '../../src/tensor/dtype.js';
import { memoryPayload, type Tensor } from '../../src/tensor/tensor.js';

const types = 'float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool'.split(' ') as DataType[];

export const anyTensor: fc.Arbitrary<Tensor> = fc
  .tuple(fc.constantFrom(...types), fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }))
  .chain(([dtype, shape]) => {
    const length = (sizeOf(shape) * dataTypes[dtype].bits) / 8;
    return fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((bytes) => ({ dtype, shape, payload: memoryPayload(bytes) }));
  });

export const plain = ({ dtype, shape, payload }: Tensor) => ({ dtype, shape, bytes: [...payload.read()] });
