/** What the page of an attack run shows: some examples of each attack, with activation maps where the model has any. */
import { nameOf } from '../../attack/index.js';
import { openActivationMaps } from '../../attack/metrics/activation-map.js';
import type { Outcome } from '../../attack/metrics/outcome.js';
import { marginOf } from '../../oracle/margins.js';
import { rowAt } from '../../oracle/packed.js';
import { type Exhibit, type Gallery, showcase } from '../../report/attack-gallery.js';
import { exhibitsWithin } from '../../report/showcase.js';
import type { Finished } from './finish.js';
import { channelOrder } from './scene.js';

/** Examples shown an attack and goal, and of one attack in all. */
const mostAPass = 6;
const usualAnAttack = 12;

/** @param outcomes those of each pass, in order. */
export async function galleryOf(work: Finished, outcomes: readonly (readonly Outcome[])[]): Promise<Gallery> {
  const { ground, passes, engine, context } = work;
  const { subjects, space, bounds, network, model } = ground;
  const places = new Map(subjects.ids.map((id, place) => [id, place]));
  const maps = await openActivationMaps(network, engine);
  const exhibits: Exhibit[] = [];
  const mostAnAttack = Math.min(usualAnAttack, exhibitsWithin(space, new Set(passes.map(({ attack }) => attack)).size));
  for (const [i, { attack, goal, findings }] of passes.entries()) {
    const most = Math.min(mostAPass, mostAnAttack - exhibits.filter((each) => each.attack === attack).length);
    for (const outcome of showcase(outcomes[i]!, Math.max(0, most))) {
      context.signal.throwIfAborted();
      const place = places.get(outcome.id)!;
      const clean = rowAt(subjects.inputs, space.size, place);
      const map = 'map' in maps ? await maps.map(subjects, place, outcome.label) : undefined;
      exhibits.push({
        attack,
        goal: nameOf(goal),
        outcome,
        clean,
        adversarial: findings.find(({ id }) => id === outcome.id)!.adversarial,
        cleanMargin: marginOf(rowAt(subjects.logits, model.classes, place), { goal: outcome.label, targeted: false }),
        ...(map && { map }),
      });
    }
  }
  if ('release' in maps) await maps.release();
  return {
    space,
    bounds,
    order: channelOrder(work.scene, ground),
    mapNote:
      'reason' in maps
        ? `no class activation maps: ${maps.reason}`
        : `class activation maps by ${maps.method} at '${maps.value}'`,
    exhibits,
  };
}
