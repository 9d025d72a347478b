/** Initializers that change from dense to sparse, or back: name and annotations go along. */
import { unsupported } from '../errors.js';
import { dataTypes } from '../tensor/dtype.js';
import type { Tensor } from '../tensor/tensor.js';
import { Layout } from './layout.js';
import { Patch } from './patch.js';
import { type Patching, patchTensor } from './patch-tensor.js';
import { encodeFields, type Message, toLong } from './protobuf.js';
import { Rope } from './rope.js';
import { fieldNumber } from './schema.js';
import { encodeSparse } from './sparse.js';
import { type Body, bodyOf } from './wire.js';
import { writeTensor } from './write-graph.js';

/** The values of sparse tensors lie in the model: runtimes read no others. */
const insideOnly = new Layout({ threshold: Number.POSITIVE_INFINITY, align: 1, most: Number.POSITIVE_INFINITY }, '');

/** A dense tensor as a sparse one: its message becomes that of the values. */
export function toSparse(patching: Patching, body: Body, tensor: Tensor): Rope {
  if (dataTypes[tensor.dtype].bits < 8)
    throw unsupported('save', `${tensor.dtype} cannot be stored sparse; leave it dense`);
  const { storage, shape } = tensor;
  const { values, indices } = encodeSparse(tensor, storage?.kind === 'sparse' && storage.indices === 'coordinates');
  const [own] = patchTensor({ ...patching, layout: insideOnly }, body, values);
  return new Rope()
    .field(number('values'), own!)
    .field(number('indices'), writeTensor(indices))
    .bytes(encodeFields('SparseTensorProto', { dims: shape.map(toLong) }));
}

/** A sparse tensor as a dense one, in the message of its values. */
export function toDense(patching: Patching, body: Body, tensor: Tensor): Rope {
  const values = new Patch('SparseTensorProto', body, patching.relocation).delimited(number('values'));
  return patchTensor(patching, bodyOf(body.source, values), tensor, 'initializer')[0]!;
}

const number = (field: keyof Message<'SparseTensorProto'>): number => fieldNumber('SparseTensorProto', field);
