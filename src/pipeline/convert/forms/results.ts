/** From what was tried to the document of a comparison of forms. */
import { statSync } from 'node:fs';
import type { Sizes } from '../../../evaluate/index.js';
import { hashFile } from '../../../files/hash.js';
import type { Stage } from '../../../files/stage.js';
import type { BenchedModel } from '../../../report/bench-report.js';
import type { FormFigures, FormReport, FormsReport } from '../../../report/forms-report.js';
import type { OptionValues } from '../../../settings/index.js';
import type { Engine } from '../../engine.js';
import { dataFacts, fileFacts, qualityChange } from '../../making/results.js';
import type { Stopwatch } from '../../making/stopwatch.js';
import { timingOf } from '../../making/timing.js';
import { platform, versions } from '../../versions.js';
import type { Stand } from '../scene.js';
import type { auto } from './auto.js';
import { isWithin, type Limits, type Tried } from './choose.js';
import type { FormsRequest } from './request.js';

export interface Comparison {
  readonly request: FormsRequest;
  readonly settings: OptionValues<typeof auto.options>;
  readonly limits: Limits;
  readonly stand: Stand;
  readonly engine: Engine;
  readonly sizes: Sizes;
  readonly original: BenchedModel | undefined;
  readonly tried: readonly Tried[];
  readonly left: FormsReport['left'];
  readonly written?: { readonly form: Tried; readonly files: Stage['files'] };
  readonly warnings: readonly string[];
  readonly watch: Stopwatch;
}

export async function formsReport(comparison: Comparison): Promise<FormsReport> {
  const { request, settings, limits, stand, engine, sizes, original, tried, left, written, watch } = comparison;
  const { model, include, exclude, seed, commandLine } = request;
  return {
    schemaVersion: 1,
    kind: 'forms',
    model: fileFacts(model, { sizes, sha256: await hashFile(model) }),
    ...(original && { original: figuresOf(original) }),
    forms: tried.map((each) => formReport(each, limits)),
    left,
    ...(written && {
      written: {
        name: written.form.candidate.name,
        files: written.files.toReversed().map(({ path, place }) => ({ path, bytes: statSync(place).size })),
      },
    }),
    settings: {
      ...{ options: settings, include, exclude, ...limits, seed, threads: engine.threads, provider: engine.provider },
      ...(request.tokens !== undefined && { tokens: request.tokens }),
    },
    warnings: comparison.warnings,
    data: {
      ...(stand.calibration && { calibration: dataFacts(stand.calibration) }),
      ...(stand.evaluation && { evaluation: dataFacts(stand.evaluation) }),
    },
    reproduce: {
      command: commandLine,
      workingFolder: process.cwd(),
      versions: { ...versions(), platform: platform() },
    },
    timing: timingOf(watch, undefined),
  };
}

function formReport(tried: Tried, limits: Limits): FormReport {
  const { candidate, writes, sizes, tensors, notes, outputs, quality, bench, notRun } = tried;
  return {
    name: candidate.name,
    target: candidate.target,
    options: candidate.given,
    writes,
    bytes: sizes.bytes,
    gzipBytes: sizes.gzipBytes,
    isGzipEstimated: sizes.isGzipEstimated,
    tensors,
    outputs,
    ...(quality && { quality: qualityChange(quality.before, quality.after, undefined) }),
    isWithin: isWithin(limits, tried),
    ...(bench && { figures: figuresOf(bench) }),
    ...(notRun !== undefined && { notRun }),
    notes,
  };
}

const figuresOf = ({ latency, ratio, roundMilliseconds, load, memory }: BenchedModel): FormFigures => ({
  ...{ latency, roundMilliseconds },
  ...(ratio && { ratio }),
  ...(load && { load }),
  ...(memory && { memory }),
});
