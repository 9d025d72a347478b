/** What the system answered, as an error that says what to do. */
import { UserError } from '../errors.js';

/**
 * A failed write as a UserError; anything else as it is.
 * @param path what could not be written.
 */
export function writeError(path: string, cause: unknown): unknown {
  if (!isSystemError(cause)) return cause;
  const advice = isFull(cause) ? 'free some space' : 'choose another place';
  return new UserError(path, `cannot be written (${cause.message}); ${advice}`, { cause });
}

/** Any failed system call on a file as a UserError that names the file; anything else as it is. */
export function systemError(cause: unknown): unknown {
  if (!isSystemError(cause) || cause.path === undefined)
    return isSystemError(cause) && isFull(cause) ? full(cause) : cause;
  if (isFull(cause)) return writeError(cause.path, cause);
  const advice = cause.code === 'ENOENT' ? 'was it moved or removed meanwhile?' : 'check its permissions and its disk';
  return new UserError(cause.path, `the system refused it (${cause.message}); ${advice}`, { cause });
}

const full = (cause: Error): UserError =>
  new UserError('disk', `a file cannot be written (${cause.message}); free some space`, { cause });

const isSystemError = (cause: unknown): cause is NodeJS.ErrnoException =>
  cause instanceof Error && !(cause instanceof UserError) && (cause as NodeJS.ErrnoException).syscall !== undefined;

const isFull = ({ code }: NodeJS.ErrnoException): boolean => code === 'ENOSPC' || code === 'EDQUOT';
