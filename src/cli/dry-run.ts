/** `--dry-run`: what a command would do, on its own job of that name. */
import type { ExitCode } from '../errors.js';
import type { DryRun } from '../pipeline/dry-run/dry-run.js';
import type { ShrinkDryRun } from '../pipeline/dry-run/shrink.js';
import type { PruneDryRun } from '../pipeline/prune/plan.js';
import type { Context } from './command.js';
import { dryRunText } from './dry-run-text.js';
import { planText } from './prune-text.js';
import { shrinkPlanText } from './shrink-text.js';

/** Prints what was found. @param job a module of `pipeline/dry-run` @returns the exit code that the run would end with. */
export async function dryRun(
  job: string,
  request: unknown,
  { json }: { readonly json: boolean },
  context: Context,
): Promise<ExitCode> {
  const module = new URL(`../pipeline/dry-run/${job}.js`, import.meta.url);
  const found = await context.job<DryRun | PruneDryRun | ShrinkDryRun>(module, request);
  if (json) context.print(found);
  else if (found.kind === 'prune-plan') context.say(`${planText(found)}\n\n${dryRunText(found)}`);
  else if (found.kind === 'shrink-plan') context.say(`${shrinkPlanText(found)}\n\n${dryRunText(found)}`);
  else context.say(dryRunText(found));
  return found.exitCode;
}
