/** The job of `scalpel grad`. */
import { dirname } from 'node:path';
import { checkFolder } from '../../files/folder.js';
import { feeds } from '../../ir/graph.js';
import type { Value } from '../../ir/types.js';
import { modelFiles } from '../../onnx/model-files.js';
import { save } from '../../onnx/save.js';
import type { JobContext } from '../../runtime/job.js';
import { checkFiles } from '../making/check-outputs.js';
import { openModel } from '../open-model.js';
import { differentiate } from './differentiate.js';
import type { GradDocument, GradRequest, GradValue } from './request.js';

export async function run(request: GradRequest, { signal }: JobContext): Promise<GradDocument> {
  const started = performance.now();
  const { model: path, output, force, loss } = request;
  checkFolder(dirname(output));
  const model = openModel(path);
  const inputs = modelFiles(model).map(({ name }) => name);
  await checkFiles({ outputs: [output], inputs, force });
  const { graph, of, prepared, gradients, unreached, notes } = await differentiate(model.graph, request);
  const metadata = new Map([
    ['scalpel.grad', JSON.stringify({ of, ...(loss && { loss }), wrt: [...gradients.keys()] })],
  ]);
  signal.throwIfAborted();
  await save({ graph, irVersion: 10, producer: 'onnx-scalpel', metadata }, output, { force, signal });
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
