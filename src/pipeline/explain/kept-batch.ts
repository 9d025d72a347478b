/** kept: a batch of findings as an earlier start left it in the run directory, or as it is made now. */
import type { Batch, Finding, Ground } from '../../counterfactual/index.js';
import { concatenated, rowAt } from '../../oracle/packed.js';
import type { Steps } from '../../run/run-directory.js';
import { floatsOf } from '../../tensor/convert.js';
import { float32, type Tensor } from '../../tensor/tensor.js';

/** What is kept as JSON; arrays lie beside it. */
type Facts = Omit<Batch, 'findings'> & { readonly findings: readonly Omit<Finding, 'counterfactual' | 'scores'>[] };

export async function kept(
  run: Steps,
  step: string,
  { network: { space, classes } }: Ground,
  work: () => Promise<Batch>,
): Promise<Batch> {
  const before = await run.checkpoint(step);
  if (before) {
    const facts = before.facts as Facts;
    const [points, scores] = ['counterfactual', 'scores'].map((name) => floatsOf(before.tensors.get(name)!)) as [
      Float32Array,
      Float32Array,
    ];
    const findings = facts.findings.map((each, i) => ({
      ...each,
      counterfactual: rowAt(points, space.size, i),
      scores: rowAt(scores, classes, i),
    }));
    return { ...facts, findings };
  }
  const batch = await work();
  const { findings } = batch;
  const packed = (width: number, of: (finding: Finding) => Float32Array): Tensor =>
    float32([findings.length, width], concatenated(findings.map(of)).slice());
  const arrays = new Map([
    ['counterfactual', packed(space.size, ({ counterfactual }) => counterfactual)],
    ['scores', packed(classes, ({ scores }) => scores)],
  ]);
  const facts: Facts = {
    ...batch,
    findings: findings.map(({ counterfactual: _, scores: __, ...rest }) => rest),
  };
  await run.write(step, arrays, facts);
  return batch;
}
