/** Small pictures as files, with the pixels that Pillow 12.3 reads from them. */
import { encode } from 'fast-png';

const bytes = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));

/** 3 wide and 2 high, in colours. */
export const jpeg = bytes(
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/wAARCAACAAMDAREAAhEBAxEB/8QAFAABAAAAAAAAAAAAAAAAAAAACP/EAB8QAAICAgEFAAAAAAAAAAAAAAEEAgMFBhEACAkSUf/EABUBAQEAAAAAAAAAAAAAAAAAAAUJ/8QAIREAAwABBAEFAAAAAAAAAAAAAQIDBQAEBhEIEhMhMUH/2gAMAwEAAhEDEQA/AFb4ydO1HYexjQMxn9WxrzdqbYtacRrtsn6vMRjzKQJPEQAPgAHU4fK3I5DAeQ/IsfjLPDbzuAk5sURB7aHpUUhVHZJ6AHzpXH8O4jyzZJmM5jobvd3Hqra0Z1rRj9s9HVndj+liTr//2Q==',
);
export const jpegPixels = [249, 7, 23, 114, 134, 45, 26, 236, 67, 37, 58, 199, 93, 94, 78, 237, 227, 7];

export const greyJpeg = bytes(
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/wAALCAACAAMBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACP/EAB8QAAICAgEFAAAAAAAAAAAAAAEEAgMFBhEACAkSUf/aAAgBAQAAPwBW+MnTtR2HsY0DMZ/Vsa83am2LWnEa7bJ+rzEY8ykCTxEAD4AB1//Z',
);
export const greyJpegPixels = [81, 118, 154, 68, 92, 205];

export const cmykJpeg = bytes(
  '/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwAoHB4jHhkoIyEjLSsoMDxkQTw3Nzx7WF1JZJGAmZaPgIyKoLTmw6Cq2q2KjMj/y9ru9f///5vB////+v/m/f/4/8AAFAgAAgADBEMRAE0RAFkRAEsRAP/EABUAAQEAAAAAAAAAAAAAAAAAAAQF/8QAHxAAAgICAQUAAAAAAAAAAAAAAQIDBAAhESI0UXHB/9oADgRDAE0AWQBLAAA/AFUoYpakckkaO7Dksygk7842h2cfr7k630WpFXQDaAyzn//Z',
);

/** The same picture without loss, and as Pillow turns it grey. */
export const pixels = [250, 10, 20, 120, 130, 40, 20, 240, 60, 30, 60, 200, 90, 90, 90, 240, 230, 10];
export const luma = [83, 117, 154, 67, 90, 208];

export const palettePng = bytes(
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACBAMAAABvWnspAAAAElBMVEXw5gp4gigU8DxaWlr6ChQePMjeaEECAAAADklEQVR42mN2ZGASegAAAmcBOd+czEAAAAAASUVORK5CYII=',
);

export const bitPng = bytes(
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACAQAAAAC1D1u3AAAADElEQVR4nGNwYFAAAADkAGEW5G6OAAAAAElFTkSuQmCC',
);
export const bitPixels = [0, 255, 0, 0, 0, 255];

export const png = (
  width: number,
  height: number,
  channels: number,
  data: readonly number[],
  depth: 8 | 16 = 8,
): Uint8Array =>
  encode({ width, height, channels, depth, data: depth === 8 ? Uint8Array.from(data) : Uint16Array.from(data) });

/** The JPEG with an EXIF header that says how it is to be turned, 1 to 8. */
export function oriented(file: Uint8Array, orientation: number): Uint8Array {
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0];
  const exif = [0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff];
  return Uint8Array.of(0xff, 0xd8, 0xff, 0xe1, 0, exif.length + 2, ...exif, ...file.subarray(2));
}
