export interface Pictures {
  /** Row-major. */
  readonly x: Float32Array;
  readonly y: readonly number[];
  /** Of one. */
  readonly shape: readonly number[];
}

export function savePictures(path: string, pictures: Pictures, most: number): void;
