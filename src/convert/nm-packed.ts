/** nm-packed: a safetensors file in which n of every m consecutive inputs are stored, with their positions. */
import type { Layer } from '../ops/layers.js';
import { target } from './target.js';
import type { Coded } from './weights/coding.js';
import { isLayerChosen, layersOf } from './weights/layers-of.js';
import type { MakeWhenRead } from './weights/made-when-read.js';
import type { ModelWeight } from './weights/model-weights.js';
import { checkNm, type Groups, misfit, type NOfM, nmOptions, printBreak, worstOf } from './weights/n-of-m.js';
import { encodeNm } from './weights/nm.js';
import { weightFile } from './weights/weight-file.js';

export const nmPacked = target({
  name: 'nm-packed',
  summary: 'weights that keep n of every m inputs as those n and their positions',
  writes: 'safetensors',
  options: nmOptions,
  async convert(task, { n, m }) {
    const nm = { n, m };
    checkNm('nm-packed', nm);
    const layers = layersOf(task);
    const broken = new Map<string, Groups>();
    return weightFile(task, {
      to: `${n}:${m}`,
      tellsEach: true,
      isChosen: ({ name }) => {
        const layer = layers.get(name);
        return layer !== undefined && isLayerChosen(task, layer);
      },
      encode: (weight, make) => encode(weight, layers.get(weight.name)!.layer, nm, make, broken),
      refusal: () => refusalOf(broken, nm),
    });
  },
});

function encode(
  { name, stored }: ModelWeight,
  layer: Layer,
  nm: NOfM,
  make: MakeWhenRead,
  broken: Map<string, Groups>,
): Coded | string {
  const reason = misfit(layer.layout, nm.m);
  if (reason !== null) return reason;
  if (layer.quantization?.zeroPoint.some((zero) => zero !== 0)) {
    return 'its zeros are stored as a zero point other than 0; quantise it symmetrically';
  }
  const coded = encodeNm(stored, layer.layout, nm, make);
  if ('parts' in coded) return coded;
  broken.set(name, coded);
  return printBreak(coded, nm);
}

function refusalOf(broken: ReadonlyMap<string, Groups>, nm: NOfM): string {
  const worst = worstOf(broken);
  const advice = `run scalpel prune --pattern ${nm.n}:${nm.m} first`;
  return worst
    ? `no chosen weight keeps ${nm.n} of ${nm.m}; in '${worst.name}' ${printBreak(worst.groups, nm)}: ${advice}`
    : `expected weight matrices with groups of ${nm.m} inputs, got none among those chosen; choose others, or ${advice}`;
}
