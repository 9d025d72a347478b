/** The document of one run that removes units or blocks: plain JSON data, filled by the pipeline and read by people, pages and scripts. */
import type { DataFacts, FileFacts, PruneSettings, QualityChange, Reproduction, Timing } from './prune-report.js';
import type { ReconstructionReport } from './reconstruction-report.js';

export interface ShrinkReport {
  readonly schemaVersion: 1;
  readonly kind: 'shrink';
  readonly model: { readonly before: FileFacts; readonly after: FileFacts };
  readonly settings: ShrinkSettings;
  readonly parameters: Change;
  /** Products of two numbers in one run of the sizes that the model was looked at with. */
  readonly multiplications: Change;
  /** Absent when no evaluation data was given. */
  readonly quality?: QualityChange;
  /** In the order of the model's weights; a block is a group of one. */
  readonly groups: readonly GroupReport[];
  /** Matrices that keep their shape. */
  readonly left: readonly LeftReport[];
  /** How far the model is from the one with zeros in place of units, on what. */
  readonly proof: { readonly apart: number; readonly samples: number; readonly on: string };
  readonly reconstruction?: ReconstructionReport;
  readonly warnings: readonly string[];
  readonly data: { readonly calibration?: DataFacts; readonly evaluation?: DataFacts };
  readonly reproduce: Reproduction;
  /** Everything that differs between two equal runs: nothing measured in seconds stands elsewhere. */
  readonly timing: Timing;
}

export interface Change {
  readonly before: number;
  readonly after: number;
}

export interface ShrinkSettings {
  readonly units: readonly string[];
  readonly criterion: string;
  /** As asked for: a sparsity, or what of the model was to be left. */
  readonly amount: string;
  /** That it came to. */
  readonly sparsity: number;
  /** Of units in groups; absent for blocks, as are the next two. */
  readonly allocation?: string;
  readonly multiple?: number;
  readonly least?: number;
  /** Layers whose biases make up for what was removed. */
  readonly compensated: readonly string[];
  readonly reconstruction?: NonNullable<PruneSettings['reconstruction']>;
  readonly seed: number;
  readonly threads?: number;
  readonly provider: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

export interface LeftReport {
  /** The weight. */
  readonly name: string;
  /** The node that uses it first. */
  readonly node?: string;
  readonly shape: readonly number[];
  readonly reason: string;
}

export interface GroupReport {
  /** The weight that makes the units. */
  readonly name: string;
  /** The node that uses it first. */
  readonly node?: string;
  readonly kind: string;
  readonly units: number;
  readonly left: number;
  /** Weights that go with one unit. */
  readonly weights: number;
  /** All weights that hold the units. */
  readonly held: readonly string[];
  /** Of a block, by the criterion: those with the smallest went. */
  readonly score?: number;
}
