/** The job of `scalpel grad`. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../errors.js';
import { feeds } from '../ir/graph.js';
import type { Value } from '../ir/types.js';
import { load } from '../onnx/load.js';
import { save } from '../onnx/save.js';
import { checkFolder } from '../run/folder.js';
import type { JobContext } from '../runtime/job.js';
import { differentiate } from './differentiate.js';
import type { GradDocument, GradRequest, GradValue } from './grad-request.js';

export async function run(request: GradRequest, _context: JobContext): Promise<GradDocument> {
  const started = performance.now();
  const { model: path, output, force, loss } = request;
  checkFolder(dirname(output));
  if (!force && existsSync(output)) {
    throw new UserError(output, 'already exists; add --force to replace it, or choose another --output');
  }
  const model = load(path);
  const { graph, of, prepared, gradients, unreached, notes } = await differentiate(model.graph, request);
  const metadata = new Map([
    ['scalpel.grad', JSON.stringify({ of, ...(loss && { loss }), wrt: [...gradients.keys()] })],
  ]);
  await save({ graph, irVersion: 10, producer: 'onnx-scalpel', metadata }, output, { force });
  return {
    schemaVersion: 1,
    kind: 'grad',
    model: path,
    output,
    of,
    ...(loss && { loss }),
    opset: graph.opsets.get('') ?? graph.opsets.get('ai.onnx') ?? 0,
    nodes: { forward: prepared.graph.nodes.length, written: graph.nodes.length },
    inputs: feeds(graph).map(describe),
    outputs: graph.outputs.map(describe),
    gradients: [...gradients].map(([name, value]) => ({ of: name, output: value.name })),
    unreached,
    notes,
    timing: { totalSeconds: (performance.now() - started) / 1000 },
  };
}

const describe = ({ name, type }: Value): GradValue => ({
  name,
  dtype: type?.dtype ?? 'float32',
  shape: type?.shape ?? [],
});
