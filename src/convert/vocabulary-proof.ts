/** farFrom: that a model with a part of its vocabulary answers what the whole one does. */
import { workingCopy } from '../autodiff/prepare.js';
import { languageInputs } from '../data/language-inputs.js';
import { unsupported } from '../errors.js';
import { difference } from '../groups/apart.js';
import { feeds } from '../ir/graph.js';
import type { Graph } from '../ir/types.js';
import { type CompileOptions, withProgram } from '../runtime/program.js';
import { floatsOf } from '../tensor/convert.js';
import { random } from '../tensor/random.js';
import { take } from '../tensor/take.js';
import { int64, type Tensor } from '../tensor/tensor.js';
import type { Vocabulary } from './vocabulary-places.js';

/** How far outputs of the trimmed graph are from those of the whole one at kept tokens, on windows of kept tokens drawn at random. */
export async function farFrom(
  whole: Graph,
  small: Graph,
  kept: readonly number[],
  { outputs }: Vocabulary,
  options: CompileOptions,
): Promise<number> {
  const copy = workingCopy(small);
  const places = random(0, 'trim-vocabulary');
  const { fixedBatch: batch = 2, fixedSeqLen: length = 16 } = languageInputs(whole)!;
  const drawn = Array.from({ length: batch * length }, (_, i) => places.integer(i, kept.length));
  const run = (graph: Graph, ids: readonly number[]): Promise<Tensor[]> =>
    withProgram(graph, options, async (program) => {
      const inputs = languageInputs(graph)!.fill(int64([batch, length], ids));
      const fed = feeds(graph).map((value) => [value, inputs.get(value)!] as const);
      const unfed = fed.find(([, t]) => !t);
      if (unfed) throw unsupported('trim-vocabulary', `no role is known for the input '${unfed[0].name}'`);
      const results = await program.run(new Map(fed));
      return graph.outputs.map((value) => results.get(value)!);
    });
  const wanted = await run(
    whole,
    drawn.map((at) => kept[at]!),
  );
  const found = await run(copy, drawn);
  return Math.max(
    0,
    ...wanted.map((t, i) => {
      const own = outputs.includes(i) ? take(t, t.shape.length - 1, kept) : t;
      return difference(floatsOf(found[i]!), floatsOf(own));
    }),
  );
}
