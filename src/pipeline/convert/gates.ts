/** Whether a conversion is good enough to be written. */
import { exitCodes, UserError } from '../../errors.js';
import type { OutputErrors } from '../../report/convert-report.js';
import { figureOf, relativeDrop } from '../quality.js';
import type { QualityPair } from './measure.js';
import type { ConvertRequest } from './request.js';

/** @throws UserError (exit 4) when an output is further off, or quality fell by more, than was allowed; nothing has been written then. */
export function checkGates(
  { maxError, maxDrop }: ConvertRequest,
  outputs: OutputErrors,
  quality: QualityPair | undefined,
): void {
  if (maxError !== undefined) checkErrors(maxError, outputs);
  if (maxDrop !== undefined) checkDrop(maxDrop, quality);
}

function checkErrors(most: number, { outputs, failure }: OutputErrors): void {
  const where = `expected outputs to change by at most ${most} of their norm`;
  if (failure !== undefined) throw refused(`${where}, got none: ${failure}; nothing was written`);
  const worst = outputs.reduce((a, b) => (of(b) > of(a) ? b : a));
  if (of(worst) <= most) return;
  const got = worst.relative === null ? 'values that are no numbers' : worst.relative.toPrecision(3);
  throw refused(
    `${where}, got ${got} for '${worst.name}'; nothing was written: exclude what suffers most, or choose another target`,
  );
}

const of = ({ relative }: OutputErrors['outputs'][number]): number => relative ?? Number.POSITIVE_INFINITY;

function checkDrop(most: number, quality: QualityPair | undefined): void {
  if (!quality)
    throw new UserError('convert', '--max-drop expected data with labels or text, got none; name it with --data');
  const drop = relativeDrop(quality.before, quality.after);
  if (drop <= most) return;
  const [was, is] = [figureOf(quality.before).toPrecision(5), figureOf(quality.after).toPrecision(5)];
  throw refused(
    `expected ${quality.before.metric} to get worse by at most ${most} of ${was}, got ${is} (${drop.toPrecision(3)}); nothing was written: exclude what suffers most, or choose another target`,
  );
}

const refused = (what: string): UserError => new UserError('convert', what, { exitCode: exitCodes.gate });
