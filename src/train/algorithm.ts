/** Algorithm: what every semi-supervised method is. */
import type { Value } from '../ir/types.js';
import type { Distribution, OptionSpecs, OptionValues } from '../settings/index.js';
import type { OwnSettings, ViewSettings } from './settings.js';
import type { Scope } from './step/scope.js';

export interface Algorithm<Specs extends OptionSpecs = OptionSpecs> {
  /** As the literature calls it. */
  readonly name: string;
  readonly description: string;
  /** Authors, title, arXiv id. */
  readonly paper?: string;
  readonly options: Specs;
  /** What is usual for it among the settings of trainings, where that differs. */
  readonly usual?: OwnSettings;
  /** What a search of the trainer's settings does otherwise than usual. */
  readonly search?: {
    /** Of the learning rate. */
    readonly rate?: Distribution;
    /** Whose RandAugment is varied; default: the view of labelled series. */
    readonly view?: 'strong';
  };
  /** Whose weights are judged and kept; default: the student's. */
  readonly keeps?: 'student' | 'teacher';
  /** Whether there must be unlabelled series; default: there must. */
  readonly needsUnlabelled?: boolean;
  /** What a model means to it that was exported with its BatchNormalization folded into weights. */
  readonly folded: string;
  /** Emits the terms that are added up, by name. @param views as the user set them. */
  loss(scope: Scope, options: OptionValues<Specs>, views: ViewSettings): Promise<Readonly<Record<string, Value>>>;
}

/** Keeps the types of the options for `loss`. */
export const algorithm = <const Specs extends OptionSpecs>(definition: Algorithm<Specs>): Algorithm<Specs> =>
  definition;
