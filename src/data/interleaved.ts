/** Planes of pixels, one a channel, as pixels. */

/** The channels of a pixel side by side instead of one after another. */
export function interleaved(planes: Uint8Array, channels: number): Uint8Array {
  const area = planes.length / channels;
  const pixels = new Uint8Array(planes.length);
  for (let i = 0; i < pixels.length; i++) pixels[i] = planes[(i % channels) * area + Math.floor(i / channels)]!;
  return pixels;
}
