/** What every layout is made of. */

const lengths = new WeakMap();

/** The first rows of `x` along `axis`, as many as there are tokens. */
export function upTo(g, ids, x, axis) {
  if (!lengths.has(g)) lengths.set(g, g.op('Slice', [g.op('Shape', [ids]), g.ints([1]), g.ints([2]), g.ints([0])]));
  return g.op('Slice', [x, g.ints([0]), lengths.get(g), g.ints([axis])]);
}

/** 0 where a position may look, very negative where it may not. */
export function causalMask(g, ids, context) {
  const mask = Float32Array.from({ length: context * context }, (_, i) =>
    i % context > Math.floor(i / context) ? -1e9 : 0,
  );
  return upTo(g, ids, upTo(g, ids, g.floats(mask, [context, context]), 0), 1);
}

export const split = (g, x, parts, axis = 2) => g.ops('Split', [x], parts, { axis, num_outputs: parts });
