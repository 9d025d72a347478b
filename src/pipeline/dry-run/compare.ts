/** The job of `scalpel compare --dry-run`. */

import { randomSamples } from '../../data/random-samples.js';
import { exitCodes } from '../../errors.js';
import { load } from '../../onnx/load.js';
import { annotate } from '../../runtime/annotate.js';
import type { JobContext } from '../../runtime/job.js';
import { compareOutputs } from '../compare/outputs.js';
import { type CompareRequest, comparedParts } from '../compare/report.js';
import { startEngine } from '../engine.js';
import { weightBytes } from '../memory.js';
import { openData } from '../open-data.js';
import { workingCopy } from '../working-copy.js';
import { readingSeconds } from './costs.js';
import type { DryRun, EstimatedPart } from './dry-run.js';
import { DryRunNotes } from './notes.js';
import { type Trial, tryOut } from './trial.js';

/** Runs of `compare` take this many samples. */
const usualBatch = 4;

/** @throws UserError where a model, the data or the provider cannot be had: the command would end there too. */
export async function run(request: CompareRequest, context: JobContext): Promise<DryRun> {
  const notes = new DryRunNotes('compare');
  const [a, b] = [load(request.a), load(request.b)];
  notes.model(a);
  notes.model(b);
  const { data, tolerance, seed, parts = comparedParts, engine: wanted } = request;
  const copy = workingCopy(a.graph);
  const given = data && (await openData(copy, request.a, data));
  if (given) notes.data('inputs of both models', given);
  const engine = await startEngine(wanted, context);
  const found: EstimatedPart[] = [
    {
      what: 'compare structure and weights',
      seconds: parts.includes('weights') ? readingSeconds(weightBytes(a.graph) + weightBytes(b.graph)) : 0,
    },
  ];
  let trial: Trial | undefined;
  if (parts.includes('outputs')) {
    trial = await notes.run(copy, async () => {
      const samples = given ?? randomSamples(copy, await annotate(copy), seed);
      const size = wanted.batch ?? usualBatch;
      const made = await tryOut(samples, size, async (few) => {
        const { failure } = await compareOutputs(a, b, { ...engine, samples: few, tolerance, seed, batch: few.count });
        if (failure !== undefined) notes.problem(exitCodes.gate, failure);
      });
      found.push({ what: 'compare outputs', seconds: made.fixedSeconds + made.secondsPerSample * samples.count });
      return made;
    });
    if (!trial) return notes.finish(wanted, undefined);
  }
  const memoryBytes = trial?.peakBytes ?? process.resourceUsage().maxRSS * 1024;
  return notes.finish(wanted, { parts: found, memoryBytes, diskBytes: 0 });
}
