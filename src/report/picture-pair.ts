/** One image before and after, what changed and where, over the class activation map. */

import { changeOf, scaledDifference } from '../attack/metrics/change.js';
import { changedMask } from '../attack/metrics/changed-mask.js';
import { count, plural } from './format.js';
import { heat } from './heat.js';
import { type Html, type HtmlInput, html } from './html.js';
import { outline } from './outline.js';
import type { Frame, Pair } from './pair.js';
import { byte, dataUri, type Pixels, pixelsFrom, pixelsOf } from './picture.js';
import { brief } from './words.js';

/** Both, what changed and where, and where the class activation of the original lies if it is known. */
export function pictures(pair: Pair, frame: Frame): Html {
  const { sample: id, before, after, titles, says, details, map } = pair;
  const { space, bounds, order } = frame;
  const { positions, clusters, linf } = changeOf(after, before, bounds, space);
  const difference = scaledDifference(after, before, bounds);
  const mask = changedMask(difference, space);
  const gain = 1 / Math.max(1e-12, linf);
  const centred = difference.map((value) => 0.5 + 0.5 * gain * value);
  const sample = `sample ${id}`;
  const share = `${count(positions)} of ${count(space.positions)}`;
  const pieces = plural(clusters, 'cluster');
  const side = (of: 'before' | 'after', values: Float32Array): Html =>
    picture(
      pixelsOf(values, space, bounds, order),
      `${capital(titles[of])}, ${sample}: ${says[of]}`,
      titles[of],
      details[of],
    );
  return html`<div class="pictures">
${side('before', before)}
${side('after', after)}
${picture(pixelsFrom(centred, space, order), `Change of ${sample}, grey where there is none`, 'change', gain < 1.05 ? 'as it is' : `magnified ×\u202f${brief(gain)}`)}
${picture(masked(mask, space), `Changed pixels of ${sample}, light: ${share}, in ${pieces}`, 'changed pixels', `${share}, in ${pieces}`)}
${map && overlay({ before, map, mask, clusters, positions }, frame, `Class activation map of ${sample} for ${says.before}, light where it speaks for it, changed pixels marked`, says.before)}
</div>`;
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

const picture = (pixels: Pixels, alt: string, title: string, detail: string): Html =>
  html`<figure><img src="${dataUri(pixels)}" width="${pixels.width}" height="${pixels.height}" alt="${alt}">${caption(title, detail)}</figure>`;

const caption = (title: string, detail: HtmlInput): Html =>
  html`<figcaption><strong>${title}</strong><span class="soft">${detail}</span></figcaption>`;

const masked = (mask: Uint8Array, { width, height }: Frame['space']): Pixels => ({
  width,
  height,
  channels: 1,
  data: mask.map((isChanged) => (isChanged ? 240 : 36)),
});

/** Width of a picture on a wide page. */
const shownWidth = 176;

interface Overlaid {
  readonly before: Float32Array;
  readonly map: Float32Array;
  readonly mask: Uint8Array;
  readonly clusters: number;
  readonly positions: number;
}

/** The map in colours over the image in grey, with the edge of what changed drawn sharp at any size, or dots where edges would hide it. */
function overlay(
  { before, map, mask, clusters, positions }: Overlaid,
  { space, bounds }: Frame,
  description: string,
  label: string,
): Html {
  const { width, height } = space;
  const scale = shownWidth / width;
  // a few dots would be lost, and their edges hide little
  const isScattered = scale < 2.5 && clusters > Math.max(200, positions / 20);
  const grey = greyOf(pixelsOf(before, space, bounds));
  const data = new Uint8Array(3 * space.positions);
  for (let p = 0; p < space.positions; p++) {
    const colour = heat(map[p]!);
    // dark parts of the image stay dark, so that it can be made out under the colours
    const light = 0.45 + 0.55 * (grey[p]! / 255);
    const white = isScattered && mask[p] === 1 ? 0.65 : 0;
    colour.forEach((value, c) => {
      data[3 * p + c] = byte(white + (1 - white) * (value / 255) * light);
    });
  }
  const edge = !isScattered && outline(mask, space);
  const [halo, line] = scale < 2.5 ? [2, 0.8] : [3, 1.2];
  const stroke = (colour: string, size: number): Html =>
    html`<path d="${edge}" fill="none" stroke="${colour}" stroke-width="${size}" vector-effect="non-scaling-stroke"/>\n`;
  return html`<figure><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${description}">
<image href="${dataUri({ width, height, channels: 3, data })}" width="${width}" height="${height}" style="image-rendering: pixelated"/>
${edge && [stroke('#0008', halo), stroke('#fff', line)]}</svg>${caption('class activation', `for ${label}`)}</figure>`;
}

const greyOf = ({ channels, data }: Pixels): Uint8Array =>
  channels === 1
    ? data
    : Uint8Array.from(
        { length: data.length / 3 },
        (_, p) => 0.3 * data[3 * p]! + 0.59 * data[3 * p + 1]! + 0.11 * data[3 * p + 2]!,
      );
