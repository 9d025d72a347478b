/** What is done with a mutated model: everything short of running it. Each step may refuse, none may break. */
import { writeFileSync } from 'node:fs';

/** @param use the modules of the built package. */
export const modelWork = (use) => async (bytes, step) => {
  writeFileSync('model.onnx', bytes);
  const model = await step('load', () => use.load('model.onnx'));
  if (!model) return;
  await step('payloads', () => readAll(model.graph));
  await step('verify', () => use.verify(model.graph));
  await step('print', () => use.print(model.graph));
  await step('inspect', () => use.inspect(model, { regions: 'block' }));
  const normal = await step('normalize', () => use.normalize(model.graph));
  if (normal) await step('encode', () => use.encode(normal));
  const working = await step('working copy', () => use.workingCopy(model.graph));
  if (working) await step('encode', () => use.encode(working));
  await step('compare', () => use.compare(model, model, { parts: ['structure', 'weights', 'fields'] }));
  await step('save', () => saveAgain(use, model, bytes));
  await step('edit', () => saveEdited(use, model));
};

function readAll(graph) {
  for (const { payload, strings } of graph.initializers.values()) {
    payload.read();
    void strings?.length;
    void payload.file;
  }
  for (const { attrs } of graph.nodes) {
    for (const { kind, value } of Object.values(attrs)) {
      if (kind === 'tensor') value.payload.read();
      else if (kind === 'graph') readAll(value);
      else if (kind === 'graphs') value.forEach(readAll);
    }
  }
}

/** An untouched model is saved as it was, unless its external data goes by another name. */
async function saveAgain(use, model, bytes) {
  await use.save(model, 'out.onnx', { force: true });
  const { files } = model.origin;
  if (files.references.length === 0 && Buffer.compare(use.readFile('out.onnx'), bytes) !== 0) {
    throw new Error('the model was saved as other bytes than it was loaded from');
  }
}

/** One weight changed, one node removed: what was saved can be loaded. */
async function saveEdited(use, model) {
  const { graph } = model;
  const [found] = [...graph.initializers].filter(([, { dtype }]) => dtype === 'float32');
  const initializers = new Map(graph.initializers);
  if (found) {
    const zeros = new Float32Array(found[1].payload.byteLength / 4);
    initializers.set(found[0], use.float32(found[1].shape, zeros));
  }
  const nodes = graph.nodes.slice(0, -1);
  await use.save({ ...model, graph: { ...graph, initializers, nodes } }, 'edited.onnx', { force: true });
  const again = use.load('edited.onnx');
  if (again.graph.nodes.length !== nodes.length) throw new Error('the edited model has other nodes');
}
