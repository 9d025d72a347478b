/** Scores of all groups of a scene, ready to be chosen by. */
import { UserError, unsupported } from '../../errors.js';
import type { Layer } from '../../ops/layers.js';
import { readMatrices } from '../../ops/matrices.js';
import type { Candidates } from '../../prune/units/choose.js';
import { type UnitCriterion, type UnitInput, unitCriteria } from '../../prune/units/index.js';
import { floatsOf } from '../../tensor/convert.js';
import type { Looks } from './look.js';
import type { UnitsRequest } from './request.js';
import type { ShrinkScene, UnitGroup } from './scene.js';

/** Heads are few, and each is a matrix of its own: their number may be any. */
const anyNumber: readonly UnitGroup['kind'][] = ['heads', 'kv-groups'];

export const multipleOf = (kind: UnitGroup['kind'], asked: number): number => (anyNumber.includes(kind) ? 1 : asked);

/** The scene with those groups alone that the criterion can judge. @throws UserError (exit 3) when there are none. */
export function judgedBy(scene: ShrinkScene, criterion: UnitCriterion): ShrinkScene {
  const scales = scalesIn(scene);
  const refusalOf = ({ holdings }: UnitGroup): string | undefined =>
    criterion.refuses?.({ holdings, scales: holdings.others.filter(({ value }) => scales.has(value)) });
  const refused = scene.groups.flatMap((group) => {
    const refusal = refusalOf(group);
    return refusal ? [{ group, refusal }] : [];
  });
  if (refused.length === scene.groups.length) {
    const [{ group, refusal }] = refused as [(typeof refused)[number]];
    throw unsupported(
      `${group.kind} of '${group.name}'`,
      `expected units that --criterion ${criterion.name} can judge, got none (${refusal}); choose another`,
    );
  }
  const out = new Set(refused.map(({ group }) => group));
  return {
    ...scene,
    groups: scene.groups.filter((group) => !out.has(group)),
    left: [
      ...scene.left,
      ...refused.map(({ group: { name, node, kind, group }, refusal }) => ({
        name,
        ...(node !== undefined && { node }),
        shape: [group.units.size],
        reason: `${kind}: ${criterion.name} cannot judge them, as ${refusal}`,
      })),
    ],
  };
}

const scalesIn = ({ flows }: ShrinkScene): ReadonlySet<unknown> =>
  new Set(flows.graph.nodes.filter(({ op }) => op === 'BatchNormalization').map(({ inputs }) => inputs[1]));

/** @throws UserError (exit 2) for weights or activations that are no numbers. */
export function scoreGroups(scene: ShrinkScene, request: UnitsRequest, looks: Looks): Candidates[] {
  const criterion: UnitCriterion = unitCriteria[request.criterion];
  const scales = scalesIn(scene);
  const stored = new Map(scene.own.layers.map((layer) => [layer.name, layer]));
  return scene.groups.map((group) => {
    const { name, kind, weights } = group;
    const scores = criterion.score(inputOf(scene, group, request.seed, looks, scales, stored));
    if (scores.some((score) => !Number.isFinite(score)))
      throw new UserError(
        `${kind} of '${name}'`,
        'expected finite weights and activations, got others; check model and data',
      );
    return { name, scores, weights, multiple: multipleOf(kind, request.multiple) };
  });
}

function inputOf(
  { flows }: ShrinkScene,
  { name, group, holdings }: UnitGroup,
  seed: number,
  { statistics, slopes }: Looks,
  scales: ReadonlySet<unknown>,
  stored: ReadonlyMap<string, Layer>,
): UnitInput {
  return {
    name,
    count: group.units.size,
    holdings,
    matricesOf: (layer: Layer) => readMatrices(stored.get(layer.name) ?? layer),
    statisticsOf: (layer) => statistics.get(layer)!,
    slopesOf: (layer) => slopes.get(layer)!,
    valuesOf: ({ value, unitOf }) => {
      const tensor = flows.graph.initializers.get(value);
      return tensor ? floatsOf(tensor) : new Float32Array(unitOf.length);
    },
    scales: holdings.others.filter(({ value }) => scales.has(value)),
    seed,
  };
}
