/** kept: a batch of findings as an earlier start left it in the run directory, or as it is made now. */
import type { Alternative, Batch, Finding, Ground } from '../../counterfactual/index.js';
import { concatenated, rowAt } from '../../oracle/packed.js';
import type { Steps } from '../../run/run-directory.js';
import { floatsOf } from '../../tensor/convert.js';
import { float32, type Tensor } from '../../tensor/tensor.js';

type Told = Pick<Finding, 'counterfactual' | 'scores'>;

/** What is kept as JSON; arrays lie beside it: of each finding a row, then of its alternatives. */
type Facts = Omit<Batch, 'findings'> & {
  readonly findings: readonly (Omit<Finding, keyof Told | 'alternatives'> & {
    readonly alternatives: readonly Omit<Alternative, keyof Told>[];
  })[];
};

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
    let row = 0;
    const told = (): Told => {
      const own = { counterfactual: rowAt(points, space.size, row), scores: rowAt(scores, classes, row) };
      row++;
      return own;
    };
    const findings = facts.findings.map(({ alternatives, ...each }) => ({
      ...each,
      ...told(),
      alternatives: alternatives.map((other) => ({ ...other, ...told() })),
    }));
    return { ...facts, findings };
  }
  const batch = await work();
  const all = batch.findings.flatMap((finding) => [finding, ...finding.alternatives]);
  const packed = (width: number, of: (told: Told) => Float32Array): Tensor =>
    float32([all.length, width], concatenated(all.map(of)).slice());
  const arrays = new Map([
    ['counterfactual', packed(space.size, ({ counterfactual }) => counterfactual)],
    ['scores', packed(classes, ({ scores }) => scores)],
  ]);
  const facts: Facts = {
    ...batch,
    findings: batch.findings.map(({ counterfactual: _, scores: __, alternatives, ...rest }) => ({
      ...rest,
      alternatives: alternatives.map(({ margin, changed }) => ({ margin, changed })),
    })),
  };
  await run.write(step, arrays, facts);
  return batch;
}
