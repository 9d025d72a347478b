/** Networks of scripts/train-small.mjs. */
export interface Network {
  /** Of a sample. */
  readonly shape: readonly number[];
  readonly epochs: number;
  /** The file that is not there, if one is not. */
  missing(): string | undefined;
}

export const networks: Readonly<Record<string, Network>>;
