/** A target: one form that a model can be written in. Names, files, reports and refusals are the caller's; a target only converts. */
import type { Graph, Model, Value } from '../ir/types.js';
import type { Linalg } from '../linalg/index.js';
import type { GivenOptions, OptionSpecs, OptionValues } from '../settings/index.js';
import type { Tensor } from '../tensor/tensor.js';

export interface Target<Specs extends OptionSpecs = OptionSpecs> {
  readonly name: string;
  /** What one gets, in a line. */
  readonly summary: string;
  /** A model that ONNX runtimes load, or a file of tensors. */
  readonly writes: 'onnx' | 'safetensors';
  /** Whether it looks at data: `task.batches` is there then, or it is not called. */
  readonly needsData?: boolean;
  /** Whether it can look at data with some settings: `task.batches` is there where data was given. */
  readonly takesData?: boolean;
  /** Whether it keeps some tokens of a vocabulary: `task.tokens` is there then. */
  readonly takesTokens?: boolean;
  readonly options: Specs;
  /** Settings that are tried where forms are compared; absent: the usual ones. */
  readonly trials?: readonly GivenOptions[];
  /** @throws UserError (exit 3) when the model has nothing that fits, saying what would. */
  convert(task: ConvertTask, settings: OptionValues<Specs>): Promise<Converted>;
  toString(): string;
}

export interface ConvertTask {
  /** As it is stored; what of it does not change stays byte for byte. */
  readonly model: Model;
  /** The float32 copy at opset 21, for what has to be run or looked at; weights have the same names. */
  copy(): Graph;
  /** Whether a weight or a node is to be converted, by its name and op: what `--include` and `--exclude` say. */
  isChosen(...names: readonly string[]): boolean;
  /** Values that take the place of the model's own, by name: what `--weights` gave. */
  readonly weights?: ReadonlyMap<string, Tensor>;
  /** Inputs of the working copy, batch by batch, read when iterated over. */
  readonly batches?: Iterable<ReadonlyMap<Value, Tensor>>;
  /** Ids of tokens to keep: what `--tokens` or `--tokens-from` gave. */
  readonly tokens?: ArrayLike<number>;
  readonly linalg: Linalg;
  /** Of sessions. */
  readonly threads?: number;
  readonly signal: AbortSignal;
  log(text: string): void;
}

export interface Converted {
  readonly made: MadeModel | MadeWeights;
  /** In the order of the model's weights. */
  readonly tensors: readonly ConvertedTensor[];
  /** What users should know: what was left, and why. */
  readonly notes: readonly string[];
  /** Text of files that belong beside what was made, by name. */
  readonly beside?: ReadonlyMap<string, string>;
  /** Set where the same data is fed in another way now, so that outputs cannot be compared on it. */
  readonly hasOtherInputs?: true;
}

export interface MadeModel {
  readonly kind: 'model';
  readonly model: Model;
}

/** Tensors by name and text by key, as safetensors has both. */
export interface MadeWeights {
  readonly kind: 'weights';
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: ReadonlyMap<string, string>;
}

export interface ConvertedTensor {
  readonly name: string;
  /** Such as `float32`, and `int8` or `2:4`. */
  readonly from: string;
  readonly to: string;
  readonly bytes: { readonly before: number; readonly after: number };
  /** ‖W - Ŵ‖ / ‖W‖, and the largest |w - ŵ|; absent where every bit can be got back. */
  readonly error?: { readonly relative: number; readonly largest: number };
}

/** A target with its name as its text, for messages. */
export const target = <const Specs extends OptionSpecs>(
  definition: Omit<Target<Specs>, 'toString'>,
): Target<Specs> => ({ ...definition, toString: () => definition.name });
