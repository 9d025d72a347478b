/** Arrays of bytes taken for pictures. */
import { interleaved } from '../interleaved.js';
import type { Column, Picture, Pictures } from '../reader.js';

/** Bytes of [height, width], or of rank 3 with one or three channels last or first; undefined for anything else. */
export function picturesIn(column: Column): Pictures | undefined {
  const { dtype, shape } = column;
  if (dtype !== 'uint8') return undefined;
  if (shape.length === 2) return pictures(column, [shape[0]!, shape[1]!, 1], false);
  if (shape.length !== 3) return undefined;
  const [first, second, last] = shape as [number, number, number];
  if (isChannels(last)) return pictures(column, [first, second, last], false);
  return isChannels(first) ? pictures(column, [second, last, first], true) : undefined;
}

const isChannels = (size: number): size is Picture['channels'] => size === 1 || size === 3;

function pictures(
  column: Column,
  size: readonly [height: number, width: number, channels: Picture['channels']],
  isPlanar: boolean,
): Pictures {
  const [height, width, channels] = size;
  const picture = (row: number): Picture => {
    const bytes = column.read(Uint32Array.of(row)).payload.read();
    return { height, width, channels, pixels: isPlanar ? interleaved(bytes, channels) : bytes };
  };
  return { size, picture };
}
