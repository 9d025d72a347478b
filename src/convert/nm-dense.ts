/** nm-dense: the model as it is, once its weights are seen to keep n of every m consecutive inputs, with a record of which do. */
import { unsupported } from '../errors.js';
import { heed } from '../heed.js';
import type { Layer } from '../ops/layers.js';
import { toMatrices } from '../ops/layout.js';
import { readMatrices } from '../ops/matrices.js';
import { dataOf } from '../tensor/tensor.js';
import { type ConvertedTensor, target } from './target.js';
import { isLayerChosen, layersOf } from './weights/layers-of.js';
import {
  checkNm,
  type Groups,
  groupsIn,
  misfit,
  type NOfM,
  nmOptions,
  printBreak,
  segmentOf,
  worstOf,
} from './weights/n-of-m.js';

/** Of the model's metadata: JSON with `n`, `m` and the names of the `weights` that keep the pattern. */
export const nmRecord = 'nm_sparsity';

export const nmDense = target({
  name: 'nm-dense',
  summary: 'the model unchanged, its n:m pattern verified and recorded, for runtimes that look for it themselves',
  writes: 'onnx',
  options: {
    ...nmOptions,
    partial: { default: false, about: 'records the weights that keep the pattern even where others break it' },
  },
  async convert(task, { n, m, partial }) {
    const nm = { n, m };
    checkNm('nm-dense', nm);
    const where = task.model.path ?? 'model';
    const holding: ConvertedTensor[] = [];
    const broken = new Map<string, Groups>();
    const notes: string[] = [];
    for (const [name, found] of layersOf(task)) {
      if (!isLayerChosen(task, found)) continue;
      await heed(task.signal);
      const reason = unevenness(found.layer, m);
      const groups = reason === null ? groupsIn(keptIn(found.layer), found.layer.layout, nm) : null;
      if (groups === null) notes.push(`'${name}' is not recorded: ${reason}`);
      else if (groups.broken > 0) broken.set(name, groups);
      else holding.push(recordOf(name, found.weight.stored, nm));
    }
    refuse(broken, holding.length, partial, nm, where);
    for (const [name, groups] of broken) notes.push(`'${name}' is not recorded: ${printBreak(groups, nm)}`);
    const record = JSON.stringify({ n, m, weights: holding.map(({ name }) => name) });
    const metadata = new Map([...task.model.metadata, [nmRecord, record]]);
    return { made: { kind: 'model', model: { ...task.model, metadata } }, tensors: holding, notes };
  },
});

/** Kernels for the pattern take whole groups only. */
function unevenness({ layout }: Layer, m: number): string | null {
  const segment = segmentOf(layout);
  return misfit(layout, m) ?? (segment % m === 0 ? null : `its ${segment} consecutive inputs are no multiple of ${m}`);
}

/** 1 for elements other than zero once dequantised, [stacks, rows, columns]; -0 is a zero here, NaN is none. */
function keptIn(layer: Layer): Uint8Array {
  const { stored, layout, dtype, quantization } = layer;
  // float32 would make zeros of small numbers
  const isDouble = dtype === 'float64' && !quantization;
  const values = isDouble ? toMatrices(layout, dataOf(stored) as Float64Array) : readMatrices(layer);
  return Uint8Array.from(values, (value) => (value === 0 ? 0 : 1));
}

function recordOf(name: string, { dtype, payload: { byteLength } }: Layer['stored'], { n, m }: NOfM): ConvertedTensor {
  return { name, from: dtype, to: `${n}:${m}`, bytes: { before: byteLength, after: byteLength } };
}

function refuse(broken: ReadonlyMap<string, Groups>, holding: number, partial: boolean, nm: NOfM, where: string): void {
  const worst = worstOf(broken);
  const advice = `run scalpel prune --pattern ${nm.n}:${nm.m} first`;
  if (worst && !(partial && holding > 0)) {
    const others =
      broken.size > 1
        ? `${broken.size} weights break ${nm.n}:${nm.m}, most of all '${worst.name}'`
        : `'${worst.name}' breaks ${nm.n}:${nm.m}`;
    const otherwise = holding > 0 ? ', or leave them out by --exclude or partial=true' : '';
    throw unsupported(where, `${others}: ${printBreak(worst.groups, nm)}; ${advice}${otherwise}`);
  }
  if (holding === 0) {
    throw unsupported(
      where,
      `expected weight matrices with whole groups of ${nm.m} inputs, got none among those chosen; choose others`,
    );
  }
}
