/** The document of a bench, from what was measured. */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { ascending, medianOf } from '../../evaluate/spread.js';
import { hashFile } from '../../files/hash.js';
import type {
  BenchedModel,
  BenchLoad,
  BenchMachine,
  BenchMemory,
  BenchOutputs,
  BenchReport,
} from '../../report/bench-report.js';
import { benchWarnings } from '../../report/bench-warnings.js';
import type { Engine } from '../engine.js';
import type { Stopwatch } from '../making/stopwatch.js';
import { platform, versions } from '../versions.js';
import type { BenchFigures } from './bench-models.js';
import type { FreshLoad } from './fresh-load.js';
import type { BenchRequest } from './request.js';
import type { BenchScene } from './scene.js';

export interface BenchResults {
  readonly request: BenchRequest;
  readonly scene: BenchScene;
  readonly engine: Engine;
  readonly watch: Stopwatch;
  readonly machine: BenchMachine;
  readonly figures: readonly BenchFigures[];
  /** By model. */
  readonly outputs: readonly (BenchOutputs | undefined)[];
  /** By model and round; absent where none was asked for. */
  readonly loads: readonly (readonly FreshLoad[])[] | undefined;
  readonly signal: AbortSignal;
}

export async function benchReport(results: BenchResults): Promise<BenchReport> {
  const { request, scene, engine, watch, machine, figures, outputs, loads, signal } = results;
  const models: BenchedModel[] = [];
  for (const [i, { path, sizes, ...timed }] of figures.entries()) {
    const { bytes, gzipBytes, isGzipEstimated } = sizes;
    models.push({
      file: { path, sha256: await hashFile(path, signal), bytes, gzipBytes },
      isGzipEstimated,
      ...timed,
      ...(loads && { load: loadOf(loads[i]!), memory: memoryUsed(loads[i]!) }),
      ...(outputs[i] && { outputs: outputs[i] }),
    });
  }
  const { runs, seconds, warmUp, isolate, seed } = request;
  const report: Omit<BenchReport, 'warnings'> = {
    schemaVersion: 1,
    kind: 'bench',
    models,
    data: { ...scene.samples.provenance, isRandom: request.data === undefined },
    settings: {
      ...{ batch: models[0]!.latency.batch, runs, seconds, warmUp, loads: isolate ? 0 : request.loads, isolate, seed },
      ...{ provider: engine.provider, threads: engine.threads },
    },
    machine,
    reproduce: {
      command: request.commandLine,
      workingFolder: process.cwd(),
      versions: { ...versions(), platform: platform() },
    },
    timing: {
      finishedAt: new Date().toISOString(),
      totalSeconds: watch.totalSeconds,
      stages: watch.stages,
    },
  };
  return { ...report, warnings: benchWarnings(report) };
}

function loadOf(loads: readonly FreshLoad[]): BenchLoad {
  const times = ascending(loads.map(({ loadMilliseconds }) => loadMilliseconds));
  return {
    medianMilliseconds: medianOf(times),
    leastMilliseconds: times[0]!,
    mostMilliseconds: times.at(-1)!,
    firstRunMilliseconds: medianOf(loads.map(({ firstRunMilliseconds }) => firstRunMilliseconds)),
    loads: loads.length,
  };
}

function memoryUsed(loads: readonly FreshLoad[]): BenchMemory {
  const added = ascending(loads.map(({ addedBytes }) => addedBytes));
  return {
    bytes: Math.round(medianOf(added)),
    leastBytes: added[0]!,
    mostBytes: added.at(-1)!,
    baselineBytes: Math.round(medianOf(loads.map(({ baselineBytes }) => baselineBytes))),
  };
}

/** @returns how it is before anything is measured. */
export function machineNow(): BenchMachine {
  const [minute] = loadavg();
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    // Windows has no such figure, and Node says 0
    ...(process.platform !== 'win32' && { loadBefore: minute! }),
  };
}
