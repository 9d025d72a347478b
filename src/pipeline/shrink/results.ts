/** From what a shrinking did and measured to the document it answers with. */
import type { GroupReport, ShrinkReport, ShrinkSettings } from '../../report/shrink-report.js';
import type { Manifest } from '../../run/run-directory.js';
import type { LatencyPair } from '../making/latency-job.js';
import { type Data, dataFacts, fileFacts, type Measured, qualityChange, reproductionOf } from '../making/results.js';
import type { Stopwatch } from '../making/stopwatch.js';
import { timingOf } from '../making/timing.js';
import type { Reconstructed } from '../reconstruct/loop.js';
import { reconstructionReport, reconstructionSettings } from '../reconstruct/results.js';
import type { Proof } from './prove.js';
import type { AmountRequest, ShrinkRequest } from './request.js';
import type { Decided, Subject } from './subject.js';

export interface Finished {
  readonly request: ShrinkRequest & { readonly output: NonNullable<ShrinkRequest['output']> };
  readonly subject: Subject;
  readonly decided: Decided;
  readonly data: Data;
  readonly reconstruction: Reconstructed | undefined;
  readonly proof: Proof;
  readonly before: Measured;
  readonly after: Measured;
  readonly times: LatencyPair | string | undefined;
  readonly manifest: Manifest;
  readonly watch: Stopwatch;
}

export function shrinkReport(finished: Finished): ShrinkReport {
  const { request, subject, decided, data, reconstruction, proof, before, after, times, manifest, watch } = finished;
  const { dense, left } = subject;
  const { groups, costs } = decided;
  const quality = before.quality && after.quality && qualityChange(before.quality, after.quality, undefined);
  return {
    schemaVersion: 1,
    kind: 'shrink',
    model: { before: fileFacts(request.model, before), after: fileFacts(request.output.model, after) },
    settings: settingsOf(finished),
    parameters: { before: dense.parameters, after: costs.parameters },
    multiplications: { before: dense.multiplications, after: costs.multiplications },
    ...(quality && { quality }),
    groups,
    left,
    proof,
    ...(reconstruction && { reconstruction: reconstructionReport(reconstruction, undefined) }),
    warnings: warningsOf(finished, groups),
    data: {
      ...(data.calibration && { calibration: dataFacts(data.calibration) }),
      ...(data.evaluation && { evaluation: dataFacts(data.evaluation) }),
    },
    reproduce: reproductionOf(request.commandLine, manifest),
    timing: timingOf(watch, times, reconstruction),
  };
}

function settingsOf({ request, decided: { sparsity, compensated }, manifest }: Finished): ShrinkSettings {
  const { criterion, amount, reconstruction, seed, layers } = request;
  return {
    criterion,
    amount: amountText(amount),
    sparsity,
    ...choiceOf(request),
    compensated,
    ...(reconstruction && { reconstruction: reconstructionSettings(reconstruction) }),
    seed,
    threads: manifest.threads,
    provider: manifest.provider,
    ...layers,
  };
}

type Choice = Pick<ShrinkSettings, 'units' | 'allocation' | 'multiple' | 'least'>;

function choiceOf(request: ShrinkRequest): Choice {
  if (request.takes === 'blocks') return { units: [request.depth] };
  const { units, allocation, multiple, least } = request;
  return { units, allocation, multiple, least };
}

export const amountText = (amount: AmountRequest): string =>
  amount.kind === 'sparsity' ? String(amount.sparsity) : `${amount.of}=${amount.fraction}`;

/** Widths that kernels of the runtime work in. */
const width = 8;

function warningsOf({ times }: Finished, groups: readonly GroupReport[]): string[] {
  const odd = groups.filter(
    ({ kind, units, left }) => left < units && units >= width && left % width !== 0 && !/head|kv/.test(kind),
  );
  const isSlower = typeof times === 'object' && times.after.p50Milliseconds > times.before.p50Milliseconds;
  return [
    ...odd
      .slice(0, 3)
      .map(
        ({ name, node, kind, left }) =>
          `${left} ${kind} of '${name}'${node === undefined ? '' : ` (${node})`} are no multiple of ${width}: the runtime's fast kernels do not fit them, and such a model can be slower than the dense one; see --multiple`,
      ),
    ...(odd.length > 3 ? [`the same of ${odd.length - 3} more groups`] : []),
    ...(isSlower ? ['the model takes longer than before: it may be too small for what went to matter'] : []),
    ...(typeof times === 'string' ? [`latency was not measured: ${times}`] : []),
  ];
}
