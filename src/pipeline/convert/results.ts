/** From what a conversion did and measured to the document it answers with. */
import { statSync } from 'node:fs';
import { type Converted, targetNamed } from '../../convert/index.js';
import type { Sizes } from '../../evaluate/index.js';
import type { Stage } from '../../files/stage.js';
import type { ConvertReport, OutputErrors } from '../../report/convert-report.js';
import { dataFacts, fileFacts, qualityChange } from '../making/results.js';
import type { Stopwatch } from '../making/stopwatch.js';
import { timingOf } from '../making/timing.js';
import { platform, versions } from '../versions.js';
import type { Speed } from './latency-job.js';
import type { Measuring, QualityPair } from './measure.js';
import type { ConvertOutput, ConvertRequest } from './request.js';

interface Found {
  readonly sizes: Sizes;
  readonly sha256: string;
}

export interface Conversion extends Measuring {
  readonly request: ConvertRequest;
  readonly converted: Converted;
  readonly outputs: OutputErrors;
  readonly quality: QualityPair | undefined;
  readonly found: { readonly before: Found; readonly after: Found };
  /** Absent for files of tensors, which no runtime runs. */
  readonly times: Speed | undefined;
  readonly files: Stage['files'];
  readonly watch: Stopwatch;
}

export function convertReport(conversion: Conversion): ConvertReport {
  const { request, scene, engine, converted, outputs, quality, found, times, files, watch } = conversion;
  const { file } = request.output as ConvertOutput;
  const { summary, writes } = targetNamed(request.target);
  const { include, exclude, weights, tokens, seed, maxError, maxDrop } = request;
  return {
    schemaVersion: 1,
    kind: 'convert',
    target: request.target,
    summary,
    writes,
    model: { before: fileFacts(request.model, found.before), after: fileFacts(file, found.after) },
    files: files.toReversed().map(({ path, place }) => ({ path, bytes: statSync(place).size })),
    settings: {
      ...{ options: { ...scene.settings }, include, exclude, seed, threads: engine.threads, provider: engine.provider },
      ...(weights !== undefined && { weights }),
      ...(tokens !== undefined && { tokens }),
      ...(maxError !== undefined && { maxError }),
      ...(maxDrop !== undefined && { maxDrop }),
    },
    tensors: converted.tensors,
    notes: notesOf(conversion),
    outputs,
    ...(times?.loads && { opens: 'beforeMs' in times.loads }),
    ...(quality && { quality: qualityChange(quality.before, quality.after, undefined) }),
    data: {
      ...(scene.tokens?.samples && { tokens: dataFacts(scene.tokens.samples) }),
      ...(scene.calibration && { calibration: dataFacts(scene.calibration) }),
      ...(scene.evaluation && { evaluation: dataFacts(scene.evaluation) }),
    },
    reproduce: {
      command: request.commandLine,
      workingFolder: process.cwd(),
      versions: { ...versions(), platform: platform() },
    },
    timing: {
      ...timingOf(watch, times?.latency),
      ...(times?.loads && 'beforeMs' in times.loads && { opening: times.loads }),
    },
  };
}

function notesOf({ converted, scene, outputs, quality, times }: Conversion): string[] {
  return [
    ...converted.notes,
    ...(scene.evaluation || converted.hasOtherInputs
      ? []
      : ['outputs were compared on random numbers, which say little of real data: give --data']),
    ...(converted.hasOtherInputs && typeof times?.latency === 'object'
      ? ['both models were timed on the same random tokens, which say nothing of their answers']
      : []),
    ...(outputs.computedIn || quality?.computedIn
      ? ['the runtime has no kernels for this precision here: figures are of rounded weights computed in float32']
      : []),
    ...(typeof times?.latency === 'string' ? [`not timed: ${times.latency}`] : []),
  ];
}
