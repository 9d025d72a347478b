/** The attacks of a request, goal by goal and batch by batch; finished batches are kept and not done again. */
import {
  type Attack,
  type AttackName,
  attackNamed,
  type Batch,
  batchesFor,
  type Finding,
  type Goal,
  isTargeted,
  nameOf,
  type OpenGround,
  passesOf,
  runBatch,
  settle,
} from '../../attack/index.js';
import { exitCodes, UserError } from '../../errors.js';
import { checkClasses } from '../../oracle/index.js';
import type { Steps } from '../../run/run-directory.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import type { OptionSpecs, OptionValues } from '../../settings/index.js';
import { floatsOf } from '../../tensor/convert.js';
import { float32 } from '../../tensor/tensor.js';
import { type AskedAttack, type AttackRequest, usualBatch } from './request.js';

/** All findings of one attack under one goal. */
export interface Pass {
  readonly attack: AttackName;
  readonly options: Readonly<Record<string, string | number | boolean>>;
  readonly goal: Goal;
  readonly findings: readonly Finding[];
  readonly modelMilliseconds: number;
  readonly milliseconds: number;
}

/** What is kept of a batch besides the examples. */
type BatchFacts = Omit<Batch, 'findings'> & { readonly findings: readonly Omit<Finding, 'adversarial'>[] };

/** What attacks came to. */
export interface Found {
  readonly passes: readonly Pass[];
  /** Of a suite, attacks that cannot work on the model, with the reason. */
  readonly leftOut: readonly string[];
}

/**
 * @param levels see the request.
 * @throws UserError when an attack that was named cannot work on the model, as far as can be told before any works.
 */
export async function runPasses(
  request: AttackRequest,
  ground: OpenGround,
  levels: number | undefined,
  run: Steps,
  context: JobContext,
): Promise<Found> {
  const goals = passesOf(request.wish, ground.network.classes);
  const leftOut: string[] = [];
  const planned = request.attacks.flatMap((asked) => {
    try {
      return [goals.map((goal, place) => planOf(asked, goal, place, ground))];
    } catch (error) {
      leftOut.push(reasonFor(asked, error));
      return [];
    }
  });
  const passes: Pass[] = [];
  for (const plans of planned) {
    try {
      const own: Pass[] = [];
      for (const plan of plans) own.push(await passFor(plan, request, ground, levels, run, context));
      passes.push(...own);
    } catch (error) {
      leftOut.push(reasonFor(plans[0]!.asked, error));
    }
  }
  return { passes, leftOut };
}

/** One attack under one goal. */
interface Plan {
  readonly asked: AskedAttack;
  readonly attack: Attack<OptionSpecs>;
  readonly goal: Goal;
  /** What its batches are kept under. */
  readonly step: string;
  readonly options: OptionValues<OptionSpecs>;
}

function planOf(asked: AskedAttack, goal: Goal, place: number, { space, network }: OpenGround): Plan {
  const attack = attackNamed(asked.name);
  const targeted = isTargeted(goal);
  checkClasses(attack, network.classes, targeted);
  return { asked, attack, goal, step: `${asked.name}-${place}`, options: settle(attack, space, targeted, asked.given) };
}

/** @throws what it was given, unless it says that the model does not suit an attack that came with a suite. */
function reasonFor({ name, isOptional }: AskedAttack, error: unknown): string {
  const isUnsuitable = error instanceof UserError && error.exitCode === exitCodes.unsupported;
  if (isOptional && isUnsuitable) return `${name} is left out: ${error.message}`;
  throw error;
}

async function passFor(
  { asked: { name }, attack, goal, step, options }: Plan,
  request: AttackRequest,
  ground: OpenGround,
  levels: number | undefined,
  run: Steps,
  context: JobContext,
): Promise<Pass> {
  const size = request.engine.batch ?? usualBatch;
  const batches = batchesFor(ground, { goal, batch: size });
  const total = batches.reduce((sum, rows) => sum + rows.length, 0);
  const stage = isTargeted(goal) ? `${name}, ${nameOf(goal)}` : name;
  const tell = (rows: number): void => context.emit({ type: 'progress', stage, done: rows, total, unit: 'examples' });
  const done: Batch[] = [];
  let finished = 0;
  tell(0);
  for (const [i, rows] of batches.entries()) {
    const batch = await kept(run, `${step}-${i}`, ground.space.size, () =>
      runBatch(attack, options, ground, rows, {
        goal,
        batch: size,
        seed: request.seed,
        limits: request.limits,
        levels,
        bisect: request.bisect,
        signal: context.signal,
        onCall: (_, victim) => tell(Math.floor(finished + victim.progress * rows.length)),
      }),
    );
    done.push(batch);
    finished += rows.length;
    tell(finished);
  }
  const sum = (of: (batch: Batch) => number): number => done.reduce((all, batch) => all + of(batch), 0);
  return {
    attack: name,
    options,
    goal,
    findings: done.flatMap(({ findings }) => findings),
    modelMilliseconds: sum((batch) => batch.modelMilliseconds),
    milliseconds: sum((batch) => batch.milliseconds),
  };
}

/** The batch as an earlier start left it, or as `work` makes it. */
async function kept(run: Steps, step: string, size: number, work: () => Promise<Batch>): Promise<Batch> {
  const before = await run.checkpoint(step);
  if (before) {
    const facts = before.facts as BatchFacts;
    const all = floatsOf(before.tensors.get('adversarial')!);
    const findings = facts.findings.map((each, i) => ({
      ...each,
      adversarial: all.subarray(i * size, (i + 1) * size),
    }));
    return { ...facts, findings };
  }
  const batch = await work();
  const all = new Float32Array(batch.findings.length * size);
  batch.findings.forEach(({ adversarial }, i) => {
    all.set(adversarial, i * size);
  });
  const findings = batch.findings.map(({ adversarial: _, ...facts }) => facts);
  await run.write(step, new Map([['adversarial', float32([findings.length, size], all)]]), { ...batch, findings });
  return batch;
}
