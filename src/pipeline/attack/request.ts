/** What `scalpel attack` asks for: plain data with every default filled in. */
import type { AttackName, Wish } from '../../attack/index.js';
import type { Limits, Range, SpaceWish } from '../../oracle/index.js';
import type { GivenOptions } from '../../settings/index.js';
import type { FolderOutput } from '../folder-output.js';
import type { DataRequest, EngineRequest } from '../requests.js';

export interface AttackRequest {
  readonly model: string;
  readonly data: DataRequest;
  readonly attacks: readonly AskedAttack[];
  readonly wish: Wish;
  /** At most so many of the samples that the model gets right; absent: all. */
  readonly examples?: number;
  /** One pair for all elements, one a channel or one an element; absent: from the pixels or the data. */
  readonly bounds?: readonly Range[];
  /** Equally spaced values between the bounds that inputs are rounded to, for the second column; absent: 256 for pictures, else none. */
  readonly levels?: number;
  /** Path of an .npy file: 0 where an element or position must stay. */
  readonly mask?: string;
  readonly input?: string;
  readonly at?: string;
  readonly scores?: string;
  readonly space?: SpaceWish;
  /** Path of a model of gradients, in place of ours. */
  readonly gradient?: string;
  readonly limits: Limits;
  readonly bisect: boolean;
  /** Part of all examples, counted from 0. */
  readonly chunk?: { readonly index: number; readonly parts: number };
  readonly seed: number;
  readonly engine: EngineRequest;
  /** Absent in a dry run that names none. */
  readonly output?: FolderOutput;
  /** As typed, `scalpel` first. */
  readonly commandLine: readonly string[];
}

export interface AskedAttack {
  readonly name: AttackName;
  /** What differs from the attack's own settings. */
  readonly given: GivenOptions;
  /** Taken with a suite: left out where it cannot work on the model. */
  readonly isOptional?: boolean;
}

/** Examples attacked at a time where nobody says. */
export const usualBatch = 50;
