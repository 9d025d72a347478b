/** SparseGPT: removes weights column block by column block and lets the weights to the right make up for each loss. */
import { UserError } from '../errors.js';
import { patternOf } from '../masks/patterns.js';
import { type Selection, zerosIn } from '../masks/select.js';
import { type Factors, inverseFactors } from './inverse-factors.js';
import { lossOfRemoval, pruneColumns, subtractPropagated } from './optimal-update.js';
import type { LayerInput, Products, Pruned, Pruner } from './pruner.js';
import { maskChooser } from './sparsegpt-mask.js';

/**
 * Frantar, Alistarh, SparseGPT: massive language models can be accurately pruned in one-shot (arXiv 2301.00774).
 *
 * With H = Σ x xᵀ + damping and H⁻¹ = Uᵀ U, removing weight j of a row costs w_j² / U_jj², and the rest of the row makes up
 * for it best by subtracting w_j / U_jj times row j of U. Columns are taken in blocks of 128: within a block the updates
 * are made at once, to later blocks by one product. The sums need no 2/n: damping is relative to the mean diagonal.
 *
 * Groups: by default (as published) the weights of a block compete, over all rows and stacks, and each block loses its
 * fraction. `row`: each row of a block competes by itself, and rows lose floor(sparsity * columns) in total. `matrix` and
 * `global`: the mask is chosen beforehand from the losses of the untouched matrix. n:m and tiles are never cut by a block.
 *
 * Inputs that are always zero (dead) cost nothing to remove, so they go first. The `reference` rule also zeroes those
 * that are kept, as published code does.
 */
export const sparsegpt: Pruner = {
  name: 'sparsegpt',
  kind: 'update',
  description: 'second-order loss of each weight; the weights kept are updated to make up for it',
  paper: 'Frantar, Alistarh, SparseGPT: massive language models can be accurately pruned in one-shot, arXiv 2301.00774',
  needs: ['gram'],
  group: 'column-block',
  async score(input) {
    const factors = await inverseFactors(input, linalgOf(input));
    return lossOfRemoval(input.weight, factors);
  },
  async prune(input, selection) {
    const linalg = linalgOf(input);
    const factors = await inverseFactors(input, linalg);
    return prune(input, selection, factors, linalg);
  },
};

async function prune(input: LayerInput, selection: Selection, factors: Factors, linalg: Products): Promise<Pruned> {
  const { stacks, rows, columns, data } = input.weight;
  const weight = { stacks, rows, columns, data: data.slice() };
  if (selection.rule === 'reference') zeroDeadInputs(weight.data, rows, columns, factors.dead);
  const mask = new Uint8Array(data.length);
  const chooser = maskChooser(weight, factors, selection, `prune '${input.layer}'`);
  // by column, so that the errors of the columns done so far lie together
  const errors = new Float32Array(data.length);

  for (const [from, to] of columnBlocks(columns, selection, input.options.blockSize)) {
    input.signal?.throwIfAborted();
    if (from > 0) await subtractPropagated(weight, errors, factors, from, to, linalg);
    const kept = chooser.block(from, to);
    pruneColumns(weight, factors, from, to, kept, errors, chooser.inRow);
    copyColumns(kept, mask, columns, from, to);
  }
  const left = patternOf(selection.pattern).leftover(weight, selection.segment);
  const notes = [...factors.notes, ...(left === null ? [] : [left])];
  return { weight: weight.data, mask, removed: zerosIn(mask), notes };
}

/** [from, to) of column blocks of about `width`, none of which divides a unit of the pattern. */
export function columnBlocks(columns: number, selection: Selection, width = 128): [number, number][] {
  if (!Number.isInteger(width) || width < 1) {
    throw new UserError(
      'sparsegpt',
      `expected a whole number of columns per block, got ${width}; 128 is the published one`,
    );
  }
  const pattern = patternOf(selection.pattern);
  const fits = (column: number) => column === columns || pattern.cuts(column, columns, selection.segment);
  const blocks: [number, number][] = [];
  for (let from = 0; from < columns; from = (blocks.at(-1) as [number, number])[1]) {
    const end = Math.min(from + width, columns);
    let to = end;
    while (to > from && !fits(to)) to--;
    // units wider than a block make it as wide as they are
    if (to === from) for (to = end; !fits(to); ) to++;
    blocks.push([from, to]);
  }
  return blocks;
}

function linalgOf({ linalg, layer }: LayerInput): Products {
  if (!linalg) throw new UserError(`prune '${layer}'`, 'sparsegpt expected linear algebra, got none; pass `linalg`');
  return linalg;
}

function zeroDeadInputs(W: Float32Array, rows: number, columns: number, dead: Uint8Array): void {
  for (let i = 0; i < W.length; i++) {
    const stack = Math.floor(i / (rows * columns));
    if (dead[stack * columns + (i % columns)]) W[i] = 0;
  }
}

function copyColumns(kept: Uint8Array, mask: Uint8Array, columns: number, from: number, to: number): void {
  const width = to - from;
  for (let row = 0; row * width < kept.length; row++) {
    mask.set(kept.subarray(row * width, (row + 1) * width), row * columns + from);
  }
}
