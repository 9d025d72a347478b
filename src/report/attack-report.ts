/** The document of one run of attacks: plain JSON data, filled by the pipeline and read by people, pages and scripts. */
import type { AttackComparison } from '../attack/metrics/comparison.js';
import type { Outcome } from '../attack/metrics/outcome.js';
import type { AttackSummary } from '../attack/metrics/summary.js';
import type { SpaceKind } from '../oracle/space.js';
import type { DataFacts, FileFacts, Reproduction, Timing } from './prune-report.js';

export interface AttackReport {
  readonly schemaVersion: 1;
  readonly kind: 'attack';
  /** Examples found, of all attacks and goals. */
  readonly found: number;
  readonly model: AttackedModel;
  readonly data: AttackedData;
  readonly settings: AttackSettings;
  /** In the order in which they ran. */
  readonly attacks: readonly AttackReportPart[];
  /** Where there were several. */
  readonly comparison?: AttackComparison;
  readonly warnings: readonly string[];
  /** Of a suite, attacks that cannot work on the model, with the reason. */
  readonly leftOut: readonly string[];
  /** As the command asked it, for what merges parts. */
  readonly request: unknown;
  readonly reproduce: Reproduction;
  /** Everything that differs between two equal runs: nothing measured in seconds stands elsewhere. */
  readonly timing: AttackTiming;
}

export interface AttackedModel {
  readonly file: FileFacts;
  /** What was moved: an input, or the inner value given with --at. */
  readonly input: string;
  readonly space: {
    readonly kind: SpaceKind;
    readonly channels: number;
    readonly height: number;
    readonly width: number;
  };
  /** The value that holds the scores. */
  readonly scores: string;
  readonly classes: number;
  /** What was done about the scores. */
  readonly notes: readonly string[];
}

export interface AttackedData extends DataFacts {
  /** Samples looked at; of them the model got `misclassified` wrong, which are not attacked. */
  readonly looked: number;
  readonly misclassified: number;
  readonly attacked: number;
  /** Whether the data say no labels, so that the model's own word stands for them. */
  readonly unlabelled?: boolean;
  /** Names of the classes by number, where the data has them. */
  readonly classes?: readonly string[];
  /** Names of the elements of a table's row, where the data has them. */
  readonly features?: readonly string[];
}

export interface AttackSettings {
  /** One pass a goal, as `nameOf` says it. */
  readonly goals: readonly string[];
  /** Between which numbers inputs could move, in words. */
  readonly bounds: string;
  /** What had to stay as it was, in words. */
  readonly mask?: string;
  readonly levels?: number;
  readonly queries?: number;
  readonly seconds?: number;
  readonly batch: number;
  readonly seed: number;
  readonly threads?: number;
  readonly provider: string;
  /** The part of all examples that was attacked. */
  readonly chunk?: { readonly part: number; readonly parts: number };
}

export interface AttackReportPart {
  readonly name: string;
  readonly family: string;
  readonly paper: string;
  /** What it asked the model for. */
  readonly needs: 'gradients' | 'scores';
  readonly options: Readonly<Record<string, string | number | boolean>>;
  /** The option whose least value was searched for each example. */
  readonly bisected?: string;
  readonly summary: AttackSummary;
  readonly passes: readonly { readonly goal: string; readonly examples: readonly Outcome[] }[];
}

export interface AttackTiming extends Timing {
  readonly attacks: readonly {
    readonly name: string;
    readonly goal: string;
    readonly seconds: number;
    /** Inside the model's calls. */
    readonly modelSeconds: number;
    readonly secondsPerExample: number;
  }[];
}
