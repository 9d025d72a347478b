/** NumPy's .npy files (format versions 1 to 3): one array each, read by range, written in C order. */
import { UserError } from '../errors.js';
import { writeWholeSync } from '../files/whole-file.js';
import { type DataType, dataTypes, sizeOf } from './dtype.js';
import { filePayload, slicePayload } from './file-payload.js';
import { memoryPayload, type Payload, type Tensor } from './tensor.js';

const magic = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59);
/** NumPy has no more. Thousands would make every step through an array a walk over its axes. */
const mostAxes = 64;
/** Headers written by NumPy take about 128 bytes; only record types, refused here, need more than a few hundred. */
const longestHeader = 65_536;

const typeCodes = {
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
  i1: 'int8',
  i2: 'int16',
  i4: 'int32',
  i8: 'int64',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
  u8: 'uint64',
  b1: 'bool',
} as const satisfies Record<string, DataType>;

/**
 * The array of a .npy file. Its payload stays in the file when it is little-endian and in C order; else it is rearranged when first read.
 * @throws UserError on what is not a .npy file, on object arrays and record types, and when the file's size is not what its header says.
 */
export const loadNpy = (path: string): Tensor => decodeNpy(filePayload(path), path);

/** As `loadNpy`, from bytes that may lie in memory or inside another file; `where` starts the errors. */
export function decodeNpy(bytes: Payload, where: string): Tensor {
  const { start, text } = readHeader(bytes, where);
  const { dtype, shape, fortranOrder, swapped } = parseHeader(text, where);
  const expected = sizeOf(shape) * (dataTypes[dtype].bits / 8);
  const got = bytes.byteLength - start;
  if (expected !== got) {
    throw new UserError(
      where,
      `expected ${expected} bytes of data for ${dtype}[${shape}], got ${got}; the file is cut short or damaged: save it again`,
    );
  }
  const stored = slicePayload(bytes, start, expected);
  const width = dataTypes[dtype].bits / 8;
  const needsSwap = swapped && width > 1;
  const needsTranspose = fortranOrder && shape.filter((size) => size > 1).length > 1;
  if (!needsSwap && !needsTranspose) return { dtype, shape, payload: stored };
  const arrange = () => {
    const inOrder = needsTranspose ? toRowMajor(stored.read(), shape, width) : stored.read().slice();
    return needsSwap ? swapBytes(inOrder, width) : inOrder;
  };
  return { dtype, shape, payload: arrangedPayload(expected, arrange) };
}

/** A version 1 .npy file of the tensor. @throws UserError for element types that NumPy has no code for. */
export function encodeNpy(t: Tensor): Uint8Array {
  const code = Object.entries(typeCodes).find(([, dtype]) => dtype === t.dtype)?.[0];
  if (!code) throw new UserError('npy', `expected one of ${Object.values(typeCodes).join(', ')}, got ${t.dtype}`);
  const order = dataTypes[t.dtype].bits === 8 ? '|' : '<';
  const shape = t.shape.length === 1 ? `${t.shape[0]},` : t.shape.join(', ');
  const dictionary = `{'descr': '${order}${code}', 'fortran_order': False, 'shape': (${shape}), }`;
  const preamble = magic.length + 4;
  // The data starts at a multiple of 64 bytes, so that it can be mapped.
  const start = Math.ceil((preamble + dictionary.length + 1) / 64) * 64;
  const bytes = new Uint8Array(start + t.payload.byteLength);
  bytes.set(magic);
  bytes.set([1, 0, (start - preamble) & 0xff, (start - preamble) >> 8], magic.length);
  bytes.set(new TextEncoder().encode(`${dictionary.padEnd(start - preamble - 1)}\n`), preamble);
  bytes.set(t.payload.read(), start);
  return bytes;
}

export const saveNpy = (path: string, t: Tensor): void => writeWholeSync(path, encodeNpy(t));

function readHeader(bytes: Payload, where: string): { start: number; text: string } {
  const preamble = bytes.read(0, Math.min(12, bytes.byteLength));
  if (preamble.length < 10 || !magic.every((byte, i) => preamble[i] === byte)) {
    throw new UserError(where, 'expected a .npy file, got other content; write it with numpy.save');
  }
  const version = preamble[6] as number;
  if (version < 1 || version > 3)
    throw new UserError(where, `expected .npy version 1, 2 or 3, got ${version}; save it with numpy.save`);
  const view = new DataView(preamble.buffer, preamble.byteOffset, preamble.length);
  const before = version === 1 ? 10 : 12;
  const length =
    version === 1 ? view.getUint16(8, true) : preamble.length < 12 ? bytes.byteLength : view.getUint32(8, true);
  if (length > longestHeader || before + length > bytes.byteLength) {
    throw new UserError(
      where,
      `expected a .npy header, got one of ${length} bytes in a file of ${bytes.byteLength}; the file is cut short or damaged: save it again`,
    );
  }
  return { start: before + length, text: new TextDecoder().decode(bytes.read(before, length)) };
}

interface Header {
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly fortranOrder: boolean;
  readonly swapped: boolean;
}

/** Reads the Python dictionary of the header: exactly the three keys that the format prescribes, in any order. */
function parseHeader(text: string, where: string): Header {
  const found = new Map<string, string>();
  const rest = text
    .trim()
    .replace(/^\{|\}$/g, '')
    .replace(
      /(['"])(descr|fortran_order|shape)\1\s*:\s*(\([^()]*\)|\[.*\]|'[^']*'|"[^"]*"|\w+)\s*(?:,|$)/gs,
      (_, _q, key, value) => {
        found.set(key, value);
        return '';
      },
    );
  const [descr, order, shape] = ['descr', 'fortran_order', 'shape'].map((key) => found.get(key));
  if (rest.trim() || !descr || !shape || (order !== 'True' && order !== 'False')) {
    throw new UserError(
      where,
      `expected the keys descr, fortran_order and shape in the .npy header, got ${quoted(text)}; save it with numpy.save`,
    );
  }
  return { ...parseType(descr, where), shape: parseShape(shape, where), fortranOrder: order === 'True' };
}

function parseType(descr: string, where: string): { dtype: DataType; swapped: boolean } {
  const [, order, code] = /^['"]([<>=|]?)(\w+)['"]$/.exec(descr) ?? [];
  if (code?.startsWith('O')) {
    throw new UserError(
      where,
      'expected an array of numbers, got Python objects; convert it to a numeric type and save it again',
    );
  }
  if (!code || !Object.hasOwn(typeCodes, code)) {
    throw new UserError(
      where,
      `expected an element type of ${Object.keys(typeCodes).join(', ')}, got ${quoted(descr)}; convert it and save it again`,
    );
  }
  return { dtype: typeCodes[code as keyof typeof typeCodes], swapped: order === '>' };
}

function parseShape(text: string, where: string): number[] {
  const items = text
    .replace(/^\(|\)$/g, '')
    .split(',')
    .map((item) => item.trim());
  if (items.at(-1) === '') items.pop();
  const shape = items.map((item) => (/^\d+L?$/.test(item) ? Number.parseInt(item, 10) : Number.NaN));
  if (!Number.isSafeInteger(sizeOf(shape)) || !shape.every(Number.isSafeInteger)) {
    throw new UserError(where, `expected a shape of whole numbers, got ${quoted(text)}; save it with numpy.save`);
  }
  if (shape.length > mostAxes) {
    throw new UserError(where, `expected at most ${mostAxes} axes, got ${shape.length}; reshape it and save it again`);
  }
  return shape;
}

const quoted = (text: string): string => `'${text.trim().slice(0, 80)}${text.trim().length > 80 ? '…' : ''}'`;

/** A payload computed once, when first read. */
function arrangedPayload(byteLength: number, arrange: () => Uint8Array): Payload {
  let arranged: Payload | undefined;
  return { byteLength, read: (offset, length) => (arranged ??= memoryPayload(arrange())).read(offset, length) };
}

/** Bytes of an array stored first axis fastest, stored last axis fastest. */
function toRowMajor(bytes: Uint8Array, shape: readonly number[], width: number): Uint8Array {
  const strides: number[] = [];
  let stride = width;
  for (const size of shape) {
    strides.push(stride);
    stride *= size;
  }
  const arranged = new Uint8Array(bytes.length);
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let to = 0; to < arranged.length; to += width) {
    for (let k = 0; k < width; k++) arranged[to + k] = bytes[from + k] as number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const stride = strides[axis] as number;
      from += stride;
      if (++index[axis]! < shape[axis]!) break;
      from -= stride * (shape[axis] as number);
      index[axis] = 0;
    }
  }
  return arranged;
}

function swapBytes(bytes: Uint8Array, width: number): Uint8Array {
  for (let start = 0; start < bytes.length; start += width) bytes.subarray(start, start + width).reverse();
  return bytes;
}
