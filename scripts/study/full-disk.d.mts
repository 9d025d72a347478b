/** A small disk that can be filled. */
export function isMountable(): boolean;
export function fillDisk(
  folder: string,
  megabytes: number,
): {
  /** Fills the disk once, but for so many megabytes. */
  leave(free: number): void;
  free(): void;
  unmount(): void;
};
