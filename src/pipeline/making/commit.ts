/** commit: complete files get their names, all of them or none. */
import type { Stage } from '../../files/stage.js';
import { assertStillFree, type OutputFiles } from './check-outputs.js';

/** @throws UserError when something has appeared there meanwhile that may not be replaced. */
export function commit(
  stages: readonly Stage[],
  signal: AbortSignal,
  allowed: Pick<OutputFiles, 'force' | 'own'>,
): void {
  signal.throwIfAborted();
  const outputs = stages.flatMap(({ files }) => files.map(({ path }) => path));
  assertStillFree({ outputs, ...allowed });
  for (const stage of stages) stage.commit();
}
