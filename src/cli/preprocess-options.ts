/** Options that say how pictures and numbers become what a model was trained on. */
import { type PresetName, presets } from '../data/preprocess/presets.js';
import type { Preprocess } from '../data/preprocess/steps.js';
import { channelOrders, interpolations, layouts } from '../data/preprocess/words.js';
import { present } from './present.js';
import { number, oneOf, optional, type Reader, several, type ValuesOf, word } from './values.js';

const group = { group: 'Preprocessing, in this order:' };

/** `1/255` is a number here. */
const fraction: Reader<number> = (text, refuse) => {
  const [above, below = '1', ...rest] = text.split('/');
  const refuseWhole = (): never => refuse(`expected a number or a fraction such as 1/255, got '${text}'`);
  const value = number()(above as string, refuseWhole) / number()(below, refuseWhole);
  return rest.length === 0 && Number.isFinite(value) ? value : refuseWhole();
};

/** `256`, `224x320` (height first) or `none`. */
const size: Reader<number | readonly [number, number] | 'none'> = (text, refuse) => {
  if (text === 'none') return text;
  const [, height, width] = /^([1-9]\d{0,4})(?:x([1-9]\d{0,4}))?$/.exec(text) ?? [];
  if (height === undefined)
    return refuse(`expected pixels such as 224 or 224x320 (height first), or none, got '${text}'`);
  return width === undefined ? Number(height) : [Number(height), Number(width)];
};

export const preprocessOptions = {
  preset: optional(
    `steps known by name, which the options below overrule: ${Object.keys(presets).join(', ')}`,
    oneOf(Object.keys(presets) as PresetName[]),
    group,
  ),
  preprocess: optional('YAML file of steps, which the options below overrule', word, group),
  channels: optional(
    `of pictures: ${channelOrders.join(', ')}; default: as many as the model takes`,
    oneOf(channelOrders),
    group,
  ),
  resize: optional("shorter side, or HxW, or none; default: to the model's size, where it differs", size, group),
  interpolation: optional(
    `for --resize: ${interpolations.join(', ')}; default: bilinear`,
    oneOf(interpolations),
    group,
  ),
  crop: optional('middle taken: one number or HxW, or none', size, group),
  scale: optional('values times this number, such as 1/255', fraction, group),
  mean: several('minus these: one number, or one a channel', fraction, group),
  std: several('divided by these: one number, or one a channel', fraction, group),
  layout: optional(
    `of the model's input: ${layouts.join(', ')}; default: where its channels are`,
    oneOf(layouts),
    group,
  ),
};

/** What stands in the request when any of them is given. */
export function preprocessRequest(args: ValuesOf<typeof preprocessOptions>): {
  readonly preprocess?: Preprocess | undefined;
  readonly preprocessFile?: string | undefined;
} {
  const { preset, channels, resize, interpolation, crop, scale, mean, std, layout } = args;
  const steps = present({
    ...{ preset, channels, resize, interpolation, crop, scale, layout },
    mean: mean.length > 0 ? mean : undefined,
    std: std.length > 0 ? std : undefined,
  });
  return { preprocess: Object.keys(steps).length > 0 ? steps : undefined, preprocessFile: args.preprocess };
}
