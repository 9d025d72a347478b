/** Load and save as measured; run as a program it prints the memory this added at its peak, in MB. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { load } from '../../dist/onnx/load.js';
import { save } from '../../dist/onnx/save.js';
import { sizeOf } from '../../dist/tensor/dtype.js';
import { float32 } from '../../dist/tensor/tensor.js';

export { load };

/** @param edits how many initializers get new values of the same shape. */
export async function saveCopy(from, to, edits) {
  const model = load(from);
  const { graph } = model;
  const edited = [...graph.initializers].map(([value, tensor], i) =>
    i < edits ? [value, float32(tensor.shape, new Float32Array(sizeOf(tensor.shape)))] : [value, tensor],
  );
  await save(edits === 0 ? model : { ...model, graph: { ...graph, initializers: new Map(edited) } }, to, {
    force: true,
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , from, to, edits] = process.argv;
  const kilobytes = (field) =>
    Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  rmSync(to, { force: true });
  // forgets the peak of starting up
  writeFileSync('/proc/self/clear_refs', '5');
  const before = kilobytes('VmRSS');
  await saveCopy(from, to, Number(edits));
  console.log(((kilobytes('VmHWM') - before) / 1000).toFixed(1));
}
