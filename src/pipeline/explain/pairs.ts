/** What the page of a run of explanations shows of series and pictures: some instances of each method beside their counterfactuals. */
import { rowAt } from '../../oracle/packed.js';
import type { ExplainGallery } from '../../report/explain-gallery.js';
import { exhibitsWithin, spaced } from '../../report/showcase.js';
import type { Finished } from './finish.js';

/** Instances shown a method. */
const usual = 8;

/** From those that change fewest features to those that change most; of a table each set of features once, as far as they go. */
export function pairsOf(work: Finished): ExplainGallery {
  const { ground, passes } = work;
  const {
    network: { space },
    bounds,
    instances,
  } = ground;
  const most = Math.min(usual, exhibitsWithin(space, passes.length));
  const shown = passes.map(({ method, findings }) => {
    const found = [...findings.entries()].filter(([, { success }]) => success);
    const order = ([a, x]: (typeof found)[number], [b, y]: (typeof found)[number]): number =>
      x.changed.length - y.changed.length || a - b;
    const sorted = found.sort(order);
    const chosen = (ground.features.schema ? varied(sorted, most).sort(order) : spaced(sorted, most)).map(
      ([place, { id, counterfactual }]) => ({
        sample: id,
        before: rowAt(instances.inputs, space.size, place),
        after: counterfactual,
      }),
    );
    return [method, chosen] as const;
  });
  return { space, bounds, order: channelOrder(work), shown: new Map(shown) };
}

/** Caffe's networks are fed blue first. */
export const channelOrder = ({ scene: { samples }, ground: { network } }: Finished): 'rgb' | 'bgr' =>
  samples.pictures?.get(network.moving.name)?.channels === 'bgr' ? 'bgr' : 'rgb';

/** The first of each set of features, then others: explanations that are all alike say nothing. */
function varied<T extends readonly [number, { readonly changed: readonly number[] }]>(
  sorted: readonly T[],
  most: number,
): T[] {
  const firsts = new Map<string, T>();
  for (const each of sorted) {
    const set = each[1].changed.join();
    if (!firsts.has(set)) firsts.set(set, each);
  }
  const kinds = spaced([...firsts.values()], most);
  const rest = sorted.filter((each) => !kinds.includes(each));
  return [...kinds, ...spaced(rest, most - kinds.length)];
}
