/** A small disk that can be filled: a tmpfs, which root may mount. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const mount = (folder, megabytes) =>
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'ignore' });
const unmount = (folder) => execFileSync('umount', [folder], { stdio: 'ignore' });

export function isMountable() {
  const folder = mkdtempSync(join(tmpdir(), 'mount-'));
  try {
    mount(folder, 1);
    unmount(folder);
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(folder);
  }
}

/** Mounts a disk of `megabytes` at `folder`, which is empty. */
export function fillDisk(folder, megabytes) {
  mount(folder, megabytes);
  const filler = join(folder, 'filler');
  let isFull = false;
  return {
    /** Fills the disk once, but for so many megabytes. */
    leave(free) {
      if (isFull) return;
      isFull = true;
      const { bavail, bsize } = statfsSync(folder);
      try {
        writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - free * 1e6)));
      } catch (error) {
        // the run wrote at the same time: then there is even less left
        if (error.code !== 'ENOSPC') throw error;
      }
    },
    free: () => rmSync(filler, { force: true }),
    unmount: () => unmount(folder),
  };
}
