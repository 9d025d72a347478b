/** How a method says its options: a method being an attack, an explainer, or whatever else is chosen by name and set by words. */
import type { Distribution } from './distributions.js';

/** What a method can be set to. Numbers have a range, words are one of `choices`. */
export type OptionSpec =
  | {
      readonly default: number;
      readonly about: string;
      readonly from?: number;
      readonly to?: number;
      /** Whether only whole numbers will do. */
      readonly whole?: boolean;
      /** What a search draws it from; one that has none stays as it is. */
      readonly search?: Distribution;
    }
  | { readonly default: string; readonly about: string; readonly choices: readonly string[] }
  | { readonly default: boolean; readonly about: string };

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

export type OptionValues<Specs extends OptionSpecs> = {
  readonly [Name in keyof Specs]: Specs[Name] extends { readonly choices: readonly (infer Word)[] }
    ? Word
    : Specs[Name]['default'] extends number
      ? number
      : boolean;
};
