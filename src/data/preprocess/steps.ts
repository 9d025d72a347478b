/** Preprocessing as a value: what is done to pictures and numbers before a model sees them, always in the order of these keys. */
import { z } from 'zod';
import { UserError } from '../../errors.js';
import { describeIssue, readDocument } from '../document.js';
import { type PresetName, presets } from './presets.js';
import { channelOrders, interpolations, layouts } from './words.js';

export interface Steps {
  /** Default: what the model's input has, red first. */
  readonly channels?: (typeof channelOrders)[number] | undefined;
  /** The length of the shorter side, or [height, width]. */
  readonly resize?: number | readonly [height: number, width: number] | 'none' | undefined;
  /** Default bilinear; all but `nearest` average over what shrinks, as Pillow does. */
  readonly interpolation?: (typeof interpolations)[number] | undefined;
  /** [height, width] of the middle; one number is both. */
  readonly crop?: number | readonly [height: number, width: number] | 'none' | undefined;
  /** What pixels, 0 to 255, or numbers are multiplied with first. */
  readonly scale?: number | undefined;
  /** Taken off after that: one number, or one a channel in the order the model is fed. */
  readonly mean?: readonly number[] | undefined;
  /** Divided by last: one number, or one a channel. */
  readonly std?: readonly number[] | undefined;
  /** Of the model's input; default: where its channels are. */
  readonly layout?: (typeof layouts)[number] | undefined;
}

export interface Preprocess extends Steps {
  /** Steps by name; those beside it win. */
  readonly preset?: PresetName | undefined;
  /** The inputs it is for; default: those fed with pictures, or all where none is. */
  readonly inputs?: readonly string[] | undefined;
}

const pixels = z.int().positive().max(65_536);
const size = z.union([pixels, z.tuple([pixels, pixels]), z.literal('none')]);
const numbers = z.union([z.array(z.number()).min(1), z.number().transform((value) => [value])]);

/** The form in a descriptor and in a file of its own. */
export const preprocessSchema = z.strictObject({
  preset: z.enum(Object.keys(presets) as PresetName[]).optional(),
  inputs: z.array(z.string()).min(1).optional(),
  channels: z.enum(channelOrders).optional(),
  resize: size.optional(),
  interpolation: z.enum(interpolations).optional(),
  crop: size.optional(),
  scale: z.number().optional(),
  mean: numbers.optional(),
  std: numbers.optional(),
  layout: z.enum(layouts).optional(),
});

/** Steps from a YAML or JSON file. @throws UserError naming the key at fault. */
export function loadPreprocess(path: string): Preprocess {
  const parsed = preprocessSchema.safeParse(readDocument(path));
  if (parsed.success) return parsed.data;
  throw new UserError(path, describeIssue(parsed.error.issues[0]!, Object.keys(preprocessSchema.shape)));
}

/** The preset's steps with the others in their place; undefined values take nothing away. @throws UserError for a deviation of 0. */
export function stepsOf({ preset, inputs: _, ...own }: Preprocess): Steps {
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  const all: Steps = { ...(preset && presets[preset]), ...given };
  if (all.std?.some((value) => value === 0))
    throw new UserError('preprocessing', 'expected std other than 0, got 0; leave that channel as it is with 1');
  return all;
}

/** Whether it says how pixels become numbers. */
export const saysNumbers = ({ scale, mean, std }: Steps): boolean => (scale ?? mean ?? std) !== undefined;
