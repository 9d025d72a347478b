/** The job of `scalpel grad --dry-run`: the gradients are made and run once. */
import { dirname } from 'node:path';
import { exitCodes } from '../../errors.js';
import { checkFolder } from '../../files/folder.js';
import type { Graph } from '../../ir/types.js';
import { modelFiles } from '../../onnx/model-files.js';
import type { JobContext } from '../../runtime/job.js';
import { withProgram } from '../../runtime/program.js';
import { type Differentiated, differentiate } from '../grad/differentiate.js';
import type { Differentiation, GradRequest } from '../grad/request.js';
import { gradcheckFeeds } from '../gradcheck/feeds.js';
import type { GradcheckRequest } from '../gradcheck/request.js';
import { findRefusals } from '../inspect/gradients.js';
import { checkFiles } from '../making/check-outputs.js';
import { weightBytes } from '../memory.js';
import { openModel } from '../open-model.js';
import { peakMemory } from '../peak-memory.js';
import { savingSeconds } from './costs.js';
import type { DryRun } from './dry-run.js';
import { DryRunNotes } from './notes.js';

/** @throws UserError where the model cannot be had: the command would end there too. */
export async function run(request: GradRequest, _context: JobContext): Promise<DryRun> {
  const notes = new DryRunNotes('grad');
  const { model: path, output, force } = request;
  const model = openModel(path);
  notes.model(model);
  const inputs = modelFiles(model).map(({ name }) => name);
  await notes.attempt(() => checkFolder(dirname(output)));
  await notes.attempt(() => checkFiles({ outputs: [output], inputs, force }));
  const started = performance.now();
  const made = await differentiated(notes, model.graph, request);
  const making = { what: 'differentiate', seconds: (performance.now() - started) / 1000 };
  const bytes = made && weightBytes(made.graph);
  notes.output(output, bytes);
  if (!made || bytes === undefined) return notes.finish(undefined, undefined);
  const check: GradcheckRequest = {
    ...request,
    ...{ seed: 0, directions: 0, entries: 0 },
    engine: { provider: 'cpu' },
  };
  const memoryBytes = peakMemory();
  await notes.probe('the gradients would be written, but did not run on random inputs', async () => {
    const { tensors } = await gradcheckFeeds(model.graph, made, check);
    await withProgram(made.graph, {}, (program) =>
      program.run(new Map(program.inputs.map((input) => [input, tensors.get(input.name)!]))),
    );
  });
  const parts = [making, { what: 'save', seconds: savingSeconds(bytes) }];
  return notes.finish(undefined, { parts, memoryBytes, diskBytes: bytes });
}

/** Undefined where the model cannot be differentiated; then every op that stands in the way is named. */
export async function differentiated(
  notes: DryRunNotes,
  graph: Graph,
  request: Differentiation,
): Promise<Differentiated | undefined> {
  const refused: { exitCode?: number } = {};
  const made = await notes.run(graph, async () => {
    try {
      return await differentiate(graph, request);
    } catch (error) {
      refused.exitCode = (error as { exitCode?: number }).exitCode ?? exitCodes.failure;
      throw error;
    }
  });
  if (refused.exitCode !== exitCodes.unsupported) return made;
  const refusals = (await notes.attempt(() => findRefusals(graph))) ?? [];
  for (const { op, node, count, reason } of refusals) notes.unsupported({ op, node, count, reason });
  return made;
}
