/** Where a network of pictures spends a run, as ONNX Runtime's own profile tells. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ort from 'onnxruntime-node';

const runs = 200;

/**
 * Microseconds of a run, by the convolutions of each picture size, all other kernels, and what is outside of kernels. One thread; profiling
 * itself takes time, most of it outside.
 * @param {string} model @param {readonly number[]} shape of its one input
 */
export async function kernelProfile(model, shape) {
  const folder = mkdtempSync(join(tmpdir(), 'profile-'));
  try {
    const options = { intraOpNumThreads: 1, enableProfiling: true, profileFilePrefix: join(folder, 'profile') };
    const session = await ort.InferenceSession.create(model, options);
    const numbers = Float32Array.from({ length: shape.reduce((all, size) => all * size, 1) }, (_, i) => Math.sin(i));
    const fed = { [session.inputNames[0]]: new ort.Tensor('float32', numbers, shape) };
    for (let i = 0; i < runs; i++) await session.run(fed);
    session.endProfiling();
    const [file] = readdirSync(folder);
    return partsOf(JSON.parse(readFileSync(join(folder, file), 'utf8')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function partsOf(events) {
  const sums = new Map();
  let whole = 0;
  for (const { name, cat, dur, args } of events) {
    if (name === 'model_run') whole += dur;
    if (cat !== 'Node' || !name.endsWith('_kernel_time')) continue;
    const sizes = Object.values(args.output_type_shape?.[0] ?? {})[0] ?? [];
    const part = args.op_name === 'Conv' ? `convolutions at ${sizes.slice(2).join(' × ')}` : 'other kernels';
    sums.set(part, (sums.get(part) ?? 0) + dur);
  }
  const kernels = [...sums].map(([part, sum]) => [part, Math.round(sum / runs)]);
  const inside = kernels.reduce((sum, [, each]) => sum + each, 0);
  return Object.fromEntries([...kernels, ['outside of kernels', Math.round(whole / runs) - inside]]);
}
