/** What a shrinking works with: the model, its working copy, and the groups of units that can go. */
import { workingCopy as preparedCopy } from '../../autodiff/prepare.js';
import { type Axis, atomsOf } from '../../axes/axis.js';
import { type UserError, unsupported } from '../../errors.js';
import { type Costs, costsOf } from '../../groups/costs.js';
import { type Flows, flowsOf } from '../../groups/flows.js';
import { type Group, groupsOf } from '../../groups/groups.js';
import { type Holdings, holdingsOf } from '../../groups/holdings.js';
import { type Kind, kindsOf } from '../../groups/kinds.js';
import type { Living } from '../../groups/shrink.js';
import type { Graph, Model } from '../../ir/types.js';
import { findLayers, type Layer } from '../../ops/layers.js';
import { constantsHeld } from '../grad/constants-held.js';
import { type ModelLayers, modelLayers } from '../model-layers.js';
import type { LayerRequest } from '../prune/request.js';
import { nodeOf } from '../prune/scene.js';
import { flatCopy } from '../working-copy.js';
import { withinPatterns } from './within-patterns.js';

/** Units of one kind that go one by one. */
export interface UnitGroup {
  /** That of the weight which makes them. */
  readonly name: string;
  /** The node that uses that weight first, unless it has no name. */
  readonly node?: string;
  readonly kind: Kind;
  readonly group: Group;
  readonly holdings: Holdings;
  /** Weights that go with one of them. */
  readonly weights: number;
}

export interface ShrinkScene {
  readonly model: Model;
  /** The float32 copy at opset 21 that is looked at and run. */
  readonly copy: Graph;
  readonly flows: Flows;
  readonly dense: Costs;
  /** Layers of the copy. */
  readonly layers: readonly Layer[];
  /** As the model stores them. */
  readonly own: ModelLayers;
  readonly groups: readonly UnitGroup[];
  readonly left: readonly LeftAlone[];
}

/** A weight that keeps its shape. */
export interface LeftAlone {
  readonly name: string;
  /** The node that uses it first, unless it has no name. */
  readonly node?: string;
  readonly shape: readonly number[];
  readonly reason: string;
}

/** @param living by group of the scene, 1 where a unit stays. */
export const livingOf = ({ groups }: ShrinkScene, living: readonly Uint8Array[]): Living =>
  new Map(groups.map(({ group }, i): [Axis, Uint8Array] => [group.units, living[i]!]));

export interface UnitChoice {
  readonly units: readonly Kind[];
  readonly layers: LayerRequest;
}

/** @throws UserError (exit 3) when nothing of what was asked for can go. */
export async function setShrinkScene(model: Model, choice: UnitChoice, where: string): Promise<ShrinkScene> {
  const copy = constantsHeld(preparedCopy(flatCopy(model.graph)));
  const own = modelLayers(model.graph);
  const flows = await flowsOf(copy);
  const { layers } = findLayers(flows.graph);
  const dense = costsOf(flows);
  const all = groupsOf(flows);
  const kinds = kindsOf(flows, all);
  const named = all.map((group, i): UnitGroup => {
    const holdings = holdingsOf(flows, group, layers);
    return {
      ...namesOf(flows, group, holdings),
      kind: kinds[i]!,
      group,
      holdings,
      weights: weightsOfOne(flows, group, dense),
    };
  });
  const chosen = named.filter(({ kind }) => choice.units.includes(kind));
  if (chosen.length === 0) throw nothingFits(where, choice.units, kinds, flows, layers);
  const names = ({ group }: UnitGroup): string[] => group.weights.map(({ value }) => value.name);
  const groups = withinPatterns(chosen, names, choice.layers, 'groups of units');
  return { model, copy, flows, dense, layers, own, groups, left: leftAlone(flows, layers, groups, named) };
}

function namesOf({ graph }: Flows, { weights }: Group, { makes, reads }: Holdings): Pick<UnitGroup, 'name' | 'node'> {
  const layer = makes[0]?.layer ?? reads[0]?.layer;
  if (layer) return { name: layer.name, ...nodeFirst(layer) };
  const { value } = weights[0]!;
  return { name: value.name, ...nodeNamed(graph.nodes.find(({ inputs }) => inputs.includes(value))?.name) };
}

/** The node that uses a layer first, unless it has no name. */
export const nodeFirst = (layer: Layer): { readonly node?: string } => nodeNamed(nodeOf(layer));

const nodeNamed = (node: string | undefined): { readonly node?: string } => (node ? { node } : {});

function weightsOfOne(flows: Flows, { units }: Group, dense: Costs): number {
  const living = new Uint8Array(units.size).fill(1);
  living[0] = 0;
  return dense.parameters - costsOf(flows, new Map<Axis, Uint8Array>([[units, living]])).parameters;
}

function nothingFits(
  where: string,
  units: readonly Kind[],
  kinds: readonly Kind[],
  flows: Flows,
  layers: readonly Layer[],
): UserError {
  const there = [...new Set(kinds)];
  const [first] = leftAlone(flows, layers, [], []);
  const why =
    there.length > 0
      ? `there are ${there.join(', ')}`
      : first
        ? `'${first.name}': ${first.reason}`
        : 'it has no weights';
  return unsupported(where, `expected ${units.join(' or ')} that can go, found none (${why}); choose other --units`);
}

/** Matrices that hold no unit of the groups, with what else they hold, or else what keeps their outputs or inputs. */
function leftAlone(
  { axes }: Flows,
  layers: readonly Layer[],
  groups: readonly UnitGroup[],
  all: readonly UnitGroup[],
): LeftAlone[] {
  const held = new Set(groups.flatMap(({ group }) => group.weights.map(({ value }) => value)));
  return layers
    .filter(({ weight }) => !held.has(weight))
    .map((layer) => {
      const { name, weight, stored } = layer;
      const kinds = all.flatMap(({ kind, group }) =>
        group.weights.some(({ value }) => value === weight) ? [kind] : [],
      );
      const atoms = (axes.get(weight) ?? []).flatMap(atomsOf);
      const reasons = new Set(atoms.filter(({ size }) => size > 1).flatMap(({ form }) => form.pinned ?? []));
      const reason =
        kinds.length > 0
          ? `not asked for: ${[...new Set(kinds)].join(', ')}`
          : [...reasons].join('; ') || 'it holds no units';
      return { name, ...nodeFirst(layer), shape: stored.shape, reason };
    });
}
