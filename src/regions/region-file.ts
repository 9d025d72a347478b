/** Region files: YAML or JSON in which regions are written down, and from which they are read back. */
import { extname } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import { describeIssue, readDocument } from '../data/document.js';
import { UserError } from '../errors.js';
import { writeWholeSync } from '../files/whole-file.js';
import { checkRegions } from './check-regions.js';
import { type Region, regionKinds } from './region.js';
import { regionBetween } from './region-between.js';
import type { Structure } from './structure.js';

const names = z.array(z.string().min(1)).min(1);

const described = z.strictObject({
  /** Unique in the file. */
  name: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[^\p{C}]+$/u, 'expected a name that can be printed'),
  /** Default: told from the nodes. */
  kind: z.enum(regionKinds).optional(),
  /** The values that enter. Those that depend on no layer (masks, positions, rotary tables) are found when left out. */
  from: names,
  /** The values that it makes; inner ones that are used elsewhere are added. */
  to: names,
  /** Initializers that are worked on here; default: all layers between `from` and `to` that no earlier region has. */
  layers: z.array(z.string()).optional(),
});

const schema = z.strictObject({
  /** In the order in which they run. */
  regions: z
    .array(described)
    .min(1)
    .refine(
      (list) => new Set(list.map(({ name }) => name)).size === list.length,
      'expected names that are unique, got one twice',
    ),
});

export type DescribedRegion = z.infer<typeof described>;

/**
 * The regions that a file describes.
 * @throws UserError naming the key, the value or the regions at fault.
 */
export function readRegions(structure: Structure, path: string): Region[] {
  const parsed = schema.safeParse(readDocument(path));
  if (!parsed.success) throw new UserError(path, describeIssue(parsed.error.issues[0]!, Object.keys(schema.shape)));
  const taken = new Set<string>();
  const regions = parsed.data.regions.map((region): Region => {
    const made = regionBetween(structure, region, path, taken);
    for (const { name } of made.layers) taken.add(name);
    return made;
  });
  checkRegions(structure, regions, path);
  return regions;
}

/** Writes regions down, as JSON where the name says so and as YAML elsewhere; `readRegions` gives the same ones back. */
export function writeRegions(path: string, regions: readonly Region[]): void {
  const list = regions.map(
    ({ name, kind, inputs, outputs, layers }): DescribedRegion => ({
      name,
      kind,
      from: inputs.map((value) => value.name),
      to: outputs.map((value) => value.name),
      layers: layers.map((layer) => layer.name),
    }),
  );
  const isJson = extname(path).toLowerCase() === '.json';
  writeWholeSync(path, isJson ? `${JSON.stringify({ regions: list }, null, 2)}\n` : stringify({ regions: list }));
}
