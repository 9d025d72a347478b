/** Mutated models in the runtime, each in a job process of its own: whatever it does to that process, the parent goes on. */
import { writeFileSync } from 'node:fs';
import { protobufMutator } from './protobuf.mjs';
import { modelSeeds } from './seeds.mjs';

const built = (path) => import(new URL(`../../dist/${path}`, import.meta.url).href);

export const sessionTarget = {
  /** A process a case: a hundred times as slow as reading. */
  isSlow: true,
  /** What the runtime says is passed on as it says it. */
  isTerse: true,
  async open({ everyNth }) {
    const { runJob } = await built('runtime/job.js');
    const { messages } = await built('onnx/schema.js');
    const job = new URL('./session-job.mjs', import.meta.url);
    const work = async (bytes, step) => {
      writeFileSync('model.onnx', bytes);
      await step('run', () => runJob(job, 'model.onnx', { name: 'model.onnx', isRepeatable: true }));
    };
    return { seeds: modelSeeds(everyNth), mutate: protobufMutator(messages), work };
  },
};
