/** What a dry run answers: whether a command would go through, what it would take, and what it would write. */
import type { Provenance } from '../../data/index.js';
import type { ExitCode } from '../../errors.js';

export interface DryRun {
  readonly schemaVersion: 1;
  readonly kind: 'dry-run';
  readonly command: string;
  /** Models and their external data. */
  readonly inputs: readonly { readonly path: string; readonly bytes: number }[];
  readonly data: readonly DryRunData[];
  readonly outputs: readonly PlannedOutput[];
  readonly unsupported: readonly UnsupportedOp[];
  /** Absent where the trial did not go through. */
  readonly estimate?: Estimate;
  readonly machine: Machine;
  readonly warnings: readonly string[];
  /** What would end the run, in the order in which it would be met. */
  readonly problems: readonly Problem[];
  /** That the run would end with, as far as can be told before it. */
  readonly exitCode: ExitCode;
  /** Of the dry run itself. */
  readonly timing: { readonly totalSeconds: number };
}

export interface DryRunData extends Provenance {
  readonly role: string;
  /** That would be taken. */
  readonly count: number;
}

export interface PlannedOutput {
  readonly path: string;
  /** Absent where it is not known before. */
  readonly bytes?: number;
  readonly exists: boolean;
}

export interface UnsupportedOp {
  readonly op: string;
  /** The first of them. */
  readonly node: string;
  readonly count: number;
  readonly reason: string;
}

export interface Estimate {
  readonly seconds: number;
  /** Of which it is the sum; see docs/dry-run.md for the formulas. */
  readonly parts: readonly EstimatedPart[];
  /** Peak of the job's process. */
  readonly memoryBytes: number;
  /** On the disk of the output while the run lasts; 0 for commands that write nothing. */
  readonly diskBytes: number;
}

/** Before its parts are added up. */
export type Expected = Omit<Estimate, 'seconds'>;

export interface EstimatedPart {
  readonly what: string;
  readonly seconds: number;
}

export interface Machine {
  readonly availableMemoryBytes: number;
  /** That the command plans with: `--memory`, or half of what is available. */
  readonly plannedMemoryBytes: number;
  /** Of the output's disk; absent where nothing is written or the system does not say. */
  readonly freeDiskBytes?: number;
}

export interface Problem {
  readonly exitCode: ExitCode;
  readonly message: string;
}
