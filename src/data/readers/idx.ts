/** The idx format of MNIST and its kin: one array of bytes or numbers a file, plain or gzipped. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import { UserError } from '../../errors.js';
import { type DataType, dataTypes, sizeOf } from '../../tensor/dtype.js';
import { filePayload, slicePayload } from '../../tensor/file-payload.js';
import { memoryPayload, type Payload, type Tensor } from '../../tensor/tensor.js';
import type { Column, Picture, Pictures, Reader } from '../reader.js';
import { pickRows } from '../rows.js';

/** LeCun, Cortes and Burges, The MNIST database of handwritten digits. The array of rank 1 is that of the labels. */
export const idx: Reader = {
  suffixes: ['ubyte', 'ubyte.gz', '.idx', '.idx.gz'],
  read: async (files, { labels: given }) => {
    const arrays = files.map((path) => ({ path, array: readIdx(path) }));
    const content = arrays.filter(({ array }) => array.shape.length > 1);
    const [images, ...others] = content;
    if (!images || others.length > 0) {
      throw new UserError(
        files[0]!,
        `expected one idx file of pictures, got ${content.length}; give it alone or with its labels`,
      );
    }
    const inline = arrays.find(({ array }) => array.shape.length === 1)?.path;
    const labelPath = inline ?? (given === undefined ? labelsBeside(images.path) : isIdx(given) ? given : undefined);
    const count = images.array.shape[0]!;
    const labels = labelPath === undefined ? undefined : labelsIn(labelPath, count);
    return {
      count,
      columns: new Map([['image', columnOf(images.array)]]),
      ...(labels && { labels }),
      description: 'idx records',
      ...(labelPath !== undefined && !files.includes(labelPath) && { alsoRead: [labelPath] }),
    };
  },
};

/** Any other file of labels is one that all kinds of data can have. */
const isIdx = (path: string): boolean => idx.suffixes.some((suffix) => path.toLowerCase().endsWith(suffix));

/** `train-labels-idx1-ubyte` beside `train-images-idx3-ubyte`, gzipped or not. */
function labelsBeside(path: string): string | undefined {
  const name = basename(path).replace('images', 'labels').replace('idx3', 'idx1');
  if (name === basename(path)) return undefined;
  const names = name.endsWith('.gz') ? [name, name.slice(0, -3)] : [name, `${name}.gz`];
  return names.map((each) => join(dirname(path), each)).find((each) => existsSync(each));
}

function labelsIn(path: string, count: number): number[] {
  const { dtype, shape, payload } = readIdx(path);
  if (dtype !== 'uint8' || shape.length !== 1) {
    throw new UserError(
      path,
      `expected one byte a label, got ${dtype}[${shape.join(', ')}]; name a file of labels (idx1)`,
    );
  }
  if (shape[0] !== count)
    throw new UserError(
      path,
      `expected ${count} labels, one a picture, got ${shape[0]}; name the labels of these pictures`,
    );
  return Array.from(payload.read());
}

/** Bytes of rank 3 are grey pictures; all else is numbers. */
function columnOf(array: Tensor): Column | Pictures {
  const { dtype, shape, payload } = array;
  const [, height, width] = shape as [number, number, number];
  if (dtype !== 'uint8' || shape.length !== 3)
    return { dtype, shape: shape.slice(1), read: (rows) => pickRows(array, rows) };
  const area = height * width;
  const picture = (row: number): Picture => ({ height, width, channels: 1, pixels: payload.read(row * area, area) });
  return { size: [height, width, 1], picture };
}

/** Element types by the third byte of the file. */
const types: Readonly<Record<number, DataType>> = {
  8: 'uint8',
  9: 'int8',
  11: 'int16',
  12: 'int32',
  13: 'float32',
  14: 'float64',
};

/** Deflate makes no more than this of a byte: a longer content cannot be there, whatever the header says. */
const mostUnfolding = 1032;

/** @throws UserError when the file is of another format, or holds more or fewer bytes than its header says. */
function readIdx(path: string): Tensor {
  const isGzip = path.toLowerCase().endsWith('.gz');
  const plain = filePayload(path);
  const { dtype, shape, start } = headerOf(isGzip ? inflatedStart(path) : startOf(path), path);
  const width = dataTypes[dtype].bits / 8;
  const expected = start + sizeOf(shape) * width;
  const isPossible = expected <= plain.byteLength * (isGzip ? mostUnfolding : 1);
  const whole = isGzip && isPossible ? inflated(path, expected) : plain;
  if (whole.byteLength !== expected) {
    const got = whole.byteLength > expected ? 'more' : isGzip ? 'fewer' : whole.byteLength;
    throw new UserError(
      path,
      `expected ${expected} bytes for ${dtype}[${shape.join(', ')}], got ${got}; the file is damaged`,
    );
  }
  const content = slicePayload(whole, start, expected - start);
  return { dtype, shape, payload: width === 1 ? content : swapped(content, width) };
}

function headerOf(bytes: Uint8Array, path: string): { dtype: DataType; shape: number[]; start: number } {
  const [zero, alsoZero, code, rank] = bytes as unknown as [number, number, number, number];
  const dtype = types[code];
  const start = 4 + 4 * rank;
  if (zero !== 0 || alsoZero !== 0 || !dtype || rank === 0 || bytes.length < start) {
    throw new UserError(path, 'expected the header of an idx file, got other bytes; check that it is one');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { dtype, shape: Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis)), start };
}

/** Longer headers would be of arrays of more than 250 axes. */
const headerBytes = 1024;

function startOf(path: string): Uint8Array {
  const { byteLength, read } = filePayload(path);
  return read(0, Math.min(headerBytes, byteLength));
}

function inflatedStart(path: string): Uint8Array {
  return gunzip(startOf(path), path, { finishFlush: constants.Z_SYNC_FLUSH });
}

/** One byte more than expected is let through, so that a longer content is noticed and a huge one never inflated. */
function inflated(path: string, expected: number): Payload {
  return memoryPayload(gunzip(readFileSync(path), path, { maxOutputLength: expected + 1 }));
}

function gunzip(bytes: Uint8Array, path: string, options: object): Uint8Array {
  try {
    return gunzipSync(bytes, options);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const what = code === 'ERR_BUFFER_TOO_LARGE' ? 'more bytes than the header says' : message;
    throw new UserError(path, `expected gzipped idx data, got ${what}; the file is damaged or of another format`, {
      cause,
    });
  }
}

/** Numbers are stored with the highest byte first. */
function swapped(stored: Payload, width: number): Payload {
  const read: Payload['read'] = (offset = 0, length = stored.byteLength - offset) => {
    const bytes = stored.read(offset, length).slice();
    for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
    return bytes;
  };
  return { byteLength: stored.byteLength, read };
}
