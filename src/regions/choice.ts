/** Which regions a user asked for: a granularity, so many blocks at a time, or regions of their own in a file. */
import { blocks, type GranularityName, granularities } from './granularity.js';
import type { Region } from './region.js';
import { readRegions } from './region-file.js';
import type { Structure } from './structure.js';

/** Plain data: it stands in requests and manifests. */
export type RegionChoice = GranularityName | { readonly blocks: number } | { readonly file: string };

/** @throws UserError when a file does not describe regions of this graph. */
export function chooseRegions(structure: Structure, choice: RegionChoice): readonly Region[] {
  if (typeof choice === 'string') return granularities[choice](structure);
  return 'blocks' in choice ? blocks(choice.blocks)(structure) : readRegions(structure, choice.file);
}

/** As on the command line. */
export function choiceText(choice: RegionChoice): string {
  if (typeof choice === 'string') return choice;
  return 'blocks' in choice ? `blocks:${choice.blocks}` : choice.file;
}
