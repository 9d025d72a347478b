/** The attacks of a request, goal by goal and batch by batch; finished batches are kept and not done again. */
import {
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
import type { Steps } from '../../run/run-directory.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import { floatsOf } from '../../tensor/convert.js';
import { float32 } from '../../tensor/tensor.js';
import { type AttackRequest, usualBatch } from './request.js';

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

/** @param levels see the request. */
export async function runPasses(
  request: AttackRequest,
  ground: OpenGround,
  levels: number | undefined,
  run: Steps,
  context: JobContext,
): Promise<Pass[]> {
  const goals = passesOf(request.wish, ground.network.classes);
  const size = request.engine.batch ?? usualBatch;
  // told before anything is computed
  const wanted = request.attacks.flatMap(({ name, given }) =>
    goals.map((goal) => {
      const attack = attackNamed(name);
      return { attack, name, goal, options: settle(attack, ground.space, isTargeted(goal), given) };
    }),
  );
  const passes: Pass[] = [];
  for (const { attack, name, goal, options } of wanted) {
    const batches = batchesFor(ground, { goal, batch: size });
    const total = batches.reduce((sum, rows) => sum + rows.length, 0);
    const stage = isTargeted(goal) ? `${name}, ${nameOf(goal)}` : name;
    const done: Batch[] = [];
    const tell = (rows: number): void => context.emit({ type: 'progress', stage, done: rows, total, unit: 'examples' });
    let finished = 0;
    tell(0);
    for (const [i, rows] of batches.entries()) {
      const step = `${name}-${goals.indexOf(goal)}-${i}`;
      const batch = await kept(run, step, ground.space.size, () =>
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
    passes.push({
      attack: name,
      options,
      goal,
      findings: done.flatMap(({ findings }) => findings),
      modelMilliseconds: sum((batch) => batch.modelMilliseconds),
      milliseconds: sum((batch) => batch.milliseconds),
    });
  }
  return passes;
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
