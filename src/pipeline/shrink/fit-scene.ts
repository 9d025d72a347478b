/** A scene of reconstruction made of one of shrinking: all layers of the regions move, but for embeddings and heads. */
import { findLayers } from '../../ops/layers.js';
import { chooseRegions, findRegions, granularities } from '../../regions/index.js';
import type { SpaceScene } from '../making/space.js';
import type { Scene } from '../prune/scene.js';
import type { ReconstructionRequest } from '../reconstruct/request.js';
import { reconstructionSchedule } from '../reconstruct/scene.js';
import type { AnyShrinkRequest } from './request.js';
import type { ShrinkScene } from './scene.js';

export function fitScene(
  { copy, own, model }: Pick<ShrinkScene, 'copy' | 'own' | 'model'>,
  { regions, retrain }: Pick<ReconstructionRequest, 'regions' | 'retrain'>,
): Scene {
  const stored = new Map(own.layers.map((layer) => [layer.name, layer]));
  const found = findLayers(copy).layers.filter(({ name }) => stored.has(name));
  const structure = findRegions(copy, found);
  const reached = retrain ? new Set(found) : new Set(chooseRegions(structure, regions).flatMap(({ layers }) => layers));
  const selected = found.filter((layer) => reached.has(layer) && !structure.leftByDefault.has(layer));
  return {
    model,
    copy,
    stored,
    selected,
    matches: [],
    structure,
    schedule: reconstructionSchedule(structure, retrain ? 'block' : regions, retrain ? [] : selected),
    blocks: granularities.block(structure),
    skipped: [],
    inside: 0,
  };
}

/** What is kept on the way: matrices that lose columns, and what is fitted. */
export function spaceScene(scene: ShrinkScene, { reconstruction }: AnyShrinkRequest): SpaceScene {
  if (reconstruction) return fitScene(scene, reconstruction);
  const read = new Set(scene.groups.flatMap(({ holdings }) => holdings.reads.map(({ layer }) => layer.name)));
  const selected = scene.own.layers.filter(({ name }) => read.has(name));
  return { model: scene.model, stored: new Map(selected.map((layer) => [layer.name, layer])), selected, blocks: [] };
}
