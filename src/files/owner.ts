/** Which process a file belongs to. Ids are used again, so a process is told by its id, its start, the boot and the machine. */
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** `elsewhere`: made on another machine or in another container, where ids mean other processes. */
export type OwnerState = 'alive' | 'dead' | 'elsewhere';

/** Names this process in file names: id, start, boot and place, joined by hyphens. */
export const ownToken = (): string => (own ??= tokenOf(process.pid));

/** What a token looks like, as the source of a regular expression. */
export const tokenPattern = '\\d+-\\w+-[0-9a-f]{8}-[0-9a-f]{8}';

/** Whether the process that a token names still runs. */
export function stateOf(token: string): OwnerState {
  const [pid = '', start, boot, place] = token.split('-');
  const [, , currentBoot, currentPlace] = ownToken().split('-');
  if (place !== currentPlace) return 'elsewhere';
  if (boot !== currentBoot) return 'dead';
  return isRunning(Number(pid)) && startOf(Number(pid)) === start ? 'alive' : 'dead';
}

/** The id in a token, for messages. */
export const pidOf = (token: string): string => token.split('-')[0] ?? '';

let own: string | undefined;

const tokenOf = (pid: number): string =>
  [pid, startOf(pid), shortHash(textOf(readFileSync, '/proc/sys/kernel/random/boot_id')), shortHash(place())].join('-');

// a container has process ids of its own, even where it shares the name of the machine
const place = (): string => `${hostname()} ${textOf(readlinkSync, '/proc/self/ns/pid')}`;

/** When a process started, in ticks since the boot; 0 where the system does not say. */
function startOf(pid: number): string {
  return fieldsOf(pid)?.[19] ?? '0';
}

/** Signal 0 only asks whether the process is there; one that ended and was not waited for is there, but runs no more. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return !['Z', 'X'].includes(fieldsOf(pid)?.[0] ?? '');
}

/** The fields of /proc/PID/stat from the state on; the name before them may hold anything. */
function fieldsOf(pid: number): string[] | undefined {
  const text = textOf(readFileSync, `/proc/${pid}/stat`);
  return text === '' ? undefined : text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** Empty where the system has no such file. */
function textOf(read: (path: string, encoding: 'utf8') => string, path: string): string {
  try {
    return read(path, 'utf8');
  } catch {
    return '';
  }
}

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);
