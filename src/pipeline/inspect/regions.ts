/** The regions of a model as `inspect` lists them, and what lies in none. */
import { existsSync } from 'node:fs';
import { UserError } from '../../errors.js';
import type { Graph, TensorType, Value } from '../../ir/types.js';
import { findParameters } from '../../ops/parameters.js';
import { chooseRegions, type Region, type RegionChoice, type Structure, writeRegions } from '../../regions/index.js';
import { extract } from '../../rewrite/extract.js';
import { sizeOf } from '../../tensor/dtype.js';
import type { InspectedRegion, InspectedValue, InspectReport, LayerWithReason } from './report.js';

export interface RegionOptions {
  readonly regions: RegionChoice;
  readonly saveRegions?: string | undefined;
  readonly types?: ReadonlyMap<string, TensorType> | undefined;
}

/** @throws UserError when a file of regions does not fit, or one to be saved is there already. */
export function describeRegions(
  structure: Structure,
  { regions: choice, saveRegions, types }: RegionOptions,
): Pick<InspectReport, 'regions' | 'outsideRegions'> {
  const regions = chooseRegions(structure, choice);
  if (saveRegions !== undefined) {
    if (existsSync(saveRegions))
      throw new UserError(saveRegions, 'expected a new file for the regions, got one that exists; name another');
    writeRegions(saveRegions, regions);
  }
  return {
    regions: regions.map((region) => describeRegion(structure, region, types)),
    outsideRegions: outsideOf(structure, regions),
  };
}

function describeRegion(
  structure: Structure,
  region: Region,
  types: ReadonlyMap<string, TensorType> | undefined,
): InspectedRegion {
  const { name, kind, layers } = region;
  const describe = (value: Value): InspectedValue => {
    const { dtype, shape } = types?.get(value.name) ?? value.type ?? {};
    return { name: value.name, ...(dtype && { dtype }), ...(shape && { shape }) };
  };
  return {
    name,
    kind,
    inputs: region.inputs.map(describe),
    outputs: region.outputs.map(describe),
    layers: layers.map((layer) => layer.name),
    weights: sum(layers.map(({ positions }) => positions)),
    parameters: countParameters(structure.graph, region),
    leftByDefault: layers.flatMap((layer) => {
      const reason = structure.leftByDefault.get(layer);
      return reason === undefined ? [] : [{ layer: layer.name, reason }];
    }),
  };
}

function countParameters(graph: Graph, { inputs, outputs, layers }: Region): number {
  const own = extract(graph, inputs, outputs);
  const weights = new Set(layers.map(({ weight }) => weight));
  const others = findParameters(own, layers).filter((value) => !weights.has(value));
  return sum([
    ...layers.map(({ positions }) => positions),
    ...others.map((value) => sizeOf(own.initializers.get(value)!.shape)),
  ]);
}

function outsideOf({ layers, leftByDefault }: Structure, regions: readonly Region[]): LayerWithReason[] {
  const held = new Set(regions.flatMap((region) => region.layers));
  return layers
    .filter((layer) => !held.has(layer))
    .map((layer) => ({ layer: layer.name, reason: leftByDefault.get(layer) ?? 'no region holds it' }));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
