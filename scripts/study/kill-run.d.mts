/** Prune runs that are ended from outside, and what they leave. */
export interface EndedRun {
  /** The exit code, or the signal that ended it. */
  readonly code: number | string;
  /** The last line of progress. */
  readonly stage: string;
  readonly stderr: string;
}

/** What lies under final names, comparable. */
export type FinalFiles = Readonly<Record<string, string | number | boolean>>;

export function command(model: string, place: string, samples: string): string[];
export function start(
  words: readonly string[],
  onText?: (stderr: string) => void,
): { readonly pid: number; readonly ended: Promise<EndedRun> };
export function waitForGroup(group: number): Promise<void>;
export function finalFiles(place: string): FinalFiles;
export function differences(expected: FinalFiles, found: FinalFiles, which: 'those there' | 'all'): string[];
