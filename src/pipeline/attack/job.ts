/** The job of `scalpel attack`. */
import type { AttackReport } from '../../report/attack-report.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import { attackRun } from './attack-run.js';
import { runPasses } from './passes.js';
import type { AttackRequest } from './request.js';

export const run = (request: AttackRequest, context: JobContext): Promise<AttackReport> =>
  attackRun('attack', request, context, ({ ground, levels, run: steps }) =>
    runPasses(request, ground, levels, steps, context),
  );
