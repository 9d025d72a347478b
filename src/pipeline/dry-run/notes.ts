/** What a dry run collects on its way: a problem does not end it, so that all of them are told at once. */
import { existsSync } from 'node:fs';
import type { Samples } from '../../data/index.js';
import { type ExitCode, exitCodes, isInterruption, UserError } from '../../errors.js';
import { freeBytes } from '../../files/space.js';
import type { Graph, Model } from '../../ir/types.js';
import { modelFiles } from '../../onnx/model-files.js';
import { unregistered } from '../../runtime/unregistered.js';
import { availableMemory, memoryOf } from '../memory.js';
import type { EngineRequest } from '../requests.js';
import type { DryRun, DryRunData, Estimate, Expected, PlannedOutput, Problem, UnsupportedOp } from './dry-run.js';

export class DryRunNotes {
  readonly #started = performance.now();
  readonly #command: string;
  readonly #inputs = new Map<string, number>();
  readonly #data: DryRunData[] = [];
  readonly #outputs: PlannedOutput[] = [];
  readonly #unsupported: UnsupportedOp[] = [];
  readonly #problems: Problem[] = [];
  readonly #warnings: string[] = [];

  constructor(command: string) {
    this.#command = command;
  }

  model(model: Model): void {
    for (const { name, size } of modelFiles(model)) this.#inputs.set(name, size);
  }

  data(role: string, samples: Pick<Samples, 'count' | 'provenance'>): void {
    this.#data.push({ role, count: samples.count, ...samples.provenance });
  }

  output(path: string, bytes?: number): void {
    this.#outputs.push({ path, exists: existsSync(path), ...(bytes !== undefined && { bytes }) });
  }

  unsupported(op: UnsupportedOp): void {
    this.#unsupported.push(op);
  }

  warn(text: string): void {
    this.#warnings.push(text);
  }

  /** Where the model is to say its own calibration text, there is none yet to try anything with. */
  unsaid(): void {
    this.warn(
      'the calibration text is said by the model in the run: neither that nor what needs the text is estimated',
    );
  }

  problem(exitCode: ExitCode, message: string): void {
    if (!this.#problems.some((known) => known.message === message)) this.#problems.push({ exitCode, message });
  }

  /** As `attempt`, for what the command itself would not do: that it cannot be done is a warning. */
  async probe<T>(what: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof UserError) || isInterruption(error)) throw error;
      this.warn(`${what}: ${error.message}`);
      return undefined;
    }
  }

  /** What `work` gives; undefined where the caller of the command has something to repair, which is noted. */
  async attempt<T>(work: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof UserError) || isInterruption(error)) throw error;
      this.problem(error.exitCode, error.message);
      return undefined;
    }
  }

  /** As `attempt`, for what runs `graph`: where the runtime refuses an op, all that it does not have are named. */
  async run<T>(graph: Graph, work: () => Promise<T>): Promise<T | undefined> {
    const before = this.#problems.length;
    const result = await this.attempt(work);
    if (this.#problems[before]?.exitCode !== exitCodes.unsupported) return result;
    for (const { domain, op, node, count } of await unregistered(graph)) {
      const name = domain === '' ? op : `${domain}.${op}`;
      this.unsupported({ op: name, node, count, reason: 'the runtime has no such op' });
    }
    return result;
  }

  finish(engine: EngineRequest | undefined, expected: Expected | undefined): DryRun {
    const estimate = expected && { seconds: secondsOf(expected), ...expected };
    const available = availableMemory();
    const planned = engine ? memoryOf(engine) : available;
    const free = this.#outputs[0] && freeBytes(this.#outputs[0].path);
    return {
      schemaVersion: 1,
      kind: 'dry-run',
      command: this.#command,
      inputs: [...this.#inputs].map(([path, bytes]) => ({ path, bytes })),
      data: this.#data,
      outputs: this.#outputs,
      unsupported: this.#unsupported,
      ...(estimate && { estimate }),
      machine: {
        availableMemoryBytes: available,
        plannedMemoryBytes: planned,
        ...(free !== undefined && { freeDiskBytes: free }),
      },
      warnings: [...this.#warnings, ...(estimate ? shortages(estimate, available, engine?.memory, free) : [])],
      problems: this.#problems,
      exitCode: this.#problems[0]?.exitCode ?? exitCodes.done,
      timing: { totalSeconds: (performance.now() - this.#started) / 1000 },
    };
  }
}

const secondsOf = ({ parts }: Expected): number => parts.reduce((sum, part) => sum + part.seconds, 0);

function shortages(
  { memoryBytes, diskBytes }: Estimate,
  available: number,
  memory: number | undefined,
  free: number | undefined,
): string[] {
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`;
  const least = Math.min(available, memory ?? Number.POSITIVE_INFINITY);
  const limit = least < available ? '--memory' : 'the memory that is free';
  return [
    ...(memoryBytes > least
      ? [`about ${gigabytes(memoryBytes)} of memory would be used, more than ${limit}, ${gigabytes(least)}`]
      : []),
    ...(free !== undefined && diskBytes > free
      ? [`about ${gigabytes(diskBytes)} would be written, more than the ${gigabytes(free)} that the disk has free`]
      : []),
  ];
}
