/** Regions: the parts of a network that methods work on one after another. */
export { choiceText, chooseRegions, type RegionChoice } from './choice.js';
export { blocks, type Granularity, type GranularityName, granularities } from './granularity.js';
export type { Region, RegionKind } from './region.js';
export { readRegions, writeRegions } from './region-file.js';
export { type Schedule, schedule } from './schedule.js';
export { findRegions, type Piece, type Structure } from './structure.js';
