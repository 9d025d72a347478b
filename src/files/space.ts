/** Whether there is room for what will be written, asked before the work. */
import { statfsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { UserError } from '../errors.js';
import { nearestThatExists } from './folder.js';

export interface SpaceNeed {
  /** The file or folder that will be written. */
  readonly path: string;
  readonly bytes: number;
}

/** @throws UserError when a disk has less room than all that will be written to it. */
export function checkSpace(needs: readonly SpaceNeed[]): void {
  const diskOf = ({ path }: SpaceNeed): number => statSync(nearestThatExists(resolve(path))).dev;
  for (const disk of new Set(needs.map(diskOf))) {
    const onDisk = needs.filter((need) => diskOf(need) === disk);
    const first = onDisk[0] as SpaceNeed;
    const needed = onDisk.reduce((sum, { bytes }) => sum + bytes, 0);
    const free = freeBytes(first.path);
    if (free === undefined || free >= needed) continue;
    throw new UserError(
      first.path,
      `expected ${megabytes(needed)} free on its disk, got ${megabytes(free)}; free some space, or choose another place`,
    );
  }
}

/** What an ordinary user may still write on the disk of a path; undefined where the system does not say. */
export function freeBytes(path: string): number | undefined {
  try {
    const { bavail, bsize, blocks } = statfsSync(nearestThatExists(resolve(path)));
    return blocks === 0 ? undefined : bavail * bsize;
  } catch {
    return undefined;
  }
}

const megabytes = (count: number): string => `${(count / 1e6).toFixed(1)} MB`;
