/** openFile: whether the runtime takes a model as it lies on the disk, which programs of graphs never ask. */
import { loadOrt } from './ort.js';
import { runtimeError } from './runtime-error.js';

/** @returns milliseconds that it took. @throws UserError with what the runtime complains about. */
export async function openFile(path: string, threads?: number): Promise<number> {
  const ort = await loadOrt();
  const begin = performance.now();
  try {
    const session = await ort.InferenceSession.create(path, {
      logSeverityLevel: 4,
      interOpNumThreads: 1,
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
    const milliseconds = performance.now() - begin;
    await session.release();
    return milliseconds;
  } catch (error) {
    throw runtimeError(error);
  }
}
