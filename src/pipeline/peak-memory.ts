/** The most memory that this process had at once, as a whole and since a moment. */
import { readFileSync, writeFileSync } from 'node:fs';

/** The high-water mark before it was last set back. */
let earlier = 0;

/** In bytes, since the process started; mapped files included. */
export const peakMemory = (): number => Math.max(earlier, highWaterMark());

/** Counts from now on: `peakSinceMark` tells. Where the system cannot do that, it goes on from the start of the process. */
export function markPeak(): void {
  earlier = peakMemory();
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {}
}

/** In bytes. */
export const peakSinceMark = (): number => highWaterMark();

/** Linux keeps it by process and lets it be set back; elsewhere it is what getrusage says. */
function highWaterMark(): number {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  } catch {}
  return process.resourceUsage().maxRSS * 1024;
}
