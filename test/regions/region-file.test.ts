/** Regions written down and read back, and files that do not fit. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Value } from '../../src/ir/types.js';
import { findLayers } from '../../src/ops/layers.js';
import {
  blocks,
  findRegions,
  granularities,
  type Region,
  readRegions,
  type Structure,
  writeRegions,
} from '../../src/regions/index.js';
import { convNetworks } from './conv-networks.js';
import { fusedNetworks } from './fused-networks.js';
import { Network, tokens, width } from './network.js';
import { networks } from './networks.js';
import { rerun } from './rerun.js';
import { gpt } from './whole-models.js';

const folder = mkdtempSync(join(tmpdir(), 'regions-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (content: unknown, name = 'regions.yaml'): string => {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
};

const structureOf = (graph: Structure['graph']): Structure => findRegions(graph, findLayers(graph).layers);

const plain = ({ name, kind, inputs, outputs, layers, nodes }: Region) => ({
  name,
  kind,
  inputs: inputs.map((value) => value.name),
  outputs: outputs.map((value) => value.name),
  layers: layers.map((layer) => layer.name),
  nodes: nodes.map((node) => node.name || node.outputs[0]?.name),
});

const all = {
  ...networks,
  ...fusedNetworks,
  ...convNetworks,
  'the bundled language model': { graph: gpt },
};

describe.each(Object.entries(all))('regions of %s', (_name, { graph }) => {
  const structure = structureOf(graph());

  test.each([...Object.entries(granularities), ['blocks:2', blocks(2)] as const])(
    'are the same written down and read back: %s',
    (granularity, found) => {
      const path = join(folder, granularity === 'half' ? 'saved.json' : 'saved.yaml');
      const regions = found(structure);
      writeRegions(path, regions);
      expect(readRegions(structure, path).map(plain)).toEqual(regions.map(plain));
    },
  );
});

/** Two blocks with a mask, a rotary table and names for what crosses. */
function example(): { structure: Structure; at: Record<'h0' | 'a0' | 'h1' | 'a1' | 'h2' | 'mask' | 'out', string> } {
  const n = new Network();
  const h0 = n.embed(tokens(n));
  const mask = n.g.op('Cast', [n.input('allowed', [2, 5, 5], 'int64')], { to: 1 });
  const block = (h: Value) => {
    const a = n.g.add(n.attention(n.norm(h), { mask }), h);
    return [a, n.g.add(n.mlp(n.norm(a)), a)] as const;
  };
  const [a0, h1] = block(h0);
  const [a1, h2] = block(h1);
  const out = n.linear(n.norm(h2), width, 16);
  const structure = structureOf(n.graph(out));
  const at = Object.fromEntries(
    Object.entries({ h0, a0, h1, a1, h2, mask, out }).map(([key, { name }]) => [key, name]),
  );
  return { structure, at: at as ReturnType<typeof example>['at'] };
}

const { structure, at } = example();
const [block0, block1] = granularities.block(structure);
const layerNames = (region: Region): string[] => region.layers.map(({ name }) => name);

describe('a file', () => {
  test('needs no more than names, from and to', () => {
    const regions = readRegions(
      structure,
      file({
        regions: [
          { name: 'first', from: [at.h0], to: [at.h1] },
          { name: 'second', from: [at.h1], to: [at.h2] },
        ],
      }),
    );
    expect(regions.map(({ kind }) => kind)).toEqual(['block', 'block']);
    expect(regions.map(layerNames)).toEqual([layerNames(block0!), layerNames(block1!)]);
    expect(regions.map(({ inputs }) => inputs.map(({ name }) => name))).toEqual([
      [at.h0, at.mask],
      [at.h1, at.mask],
    ]);
  });

  test('may leave parts out; what others read is an output too', async () => {
    const path = file({ regions: [{ name: 'part', kind: 'other', from: [at.a0, at.mask], to: [at.a1] }] });
    const regions = readRegions(structure, path);
    expect(regions.map(plain)).toMatchObject([{ name: 'part', kind: 'other', outputs: [at.a1] }]);
    expect(layerNames(regions[0]!)).toHaveLength(6);
    expect(await rerun(structure, () => regions, regions[0]!.layers)).toBeLessThan(1e-5);

    const reached = file({ regions: [{ name: 'inner', from: [at.h0], to: [block0!.nodes.at(-2)!.outputs[0]!.name] }] });
    expect(readRegions(structure, reached)[0]!.outputs.map(({ name }) => name)).toContain(at.a0);
  });

  test('is read as the documentation shows it', () => {
    const page = readFileSync(new URL('../../docs/regions.md', import.meta.url), 'utf8');
    const path = join(folder, 'shown.yaml');
    writeFileSync(path, /^```yaml\n([\s\S]*?)^```$/m.exec(page)![1]!);
    const bundled = structureOf(gpt());
    const halves = blocks(3)(bundled).filter(({ kind }) => kind !== 'head');
    const regions = readRegions(bundled, path);
    expect(regions.map(layerNames)).toEqual(halves.map(layerNames));
    expect(regions.map(({ outputs }) => outputs)).toEqual(halves.map(({ outputs }) => outputs));
  });

  test('may name the layers that are worked on', () => {
    const [, second] = layerNames(block0!);
    const path = file({ regions: [{ name: 'one', from: [at.h0], to: [at.h1], layers: [second] }] });
    expect(layerNames(readRegions(structure, path)[0]!)).toEqual([second]);
  });
});

const wrong: readonly (readonly [problem: string, regions: readonly object[], message: string])[] = [
  [
    'a value that is not there',
    [{ from: [`${at.h0}x`], to: [at.h1] }],
    `/regions.yaml region 'r0': expected values of the graph, got '${at.h0}x'; did you mean '${at.h0}'?`,
  ],
  [
    'a weight as input',
    [{ from: [layerNames(block0!)[0]!], to: [at.h1] }],
    `/regions.yaml region 'r0': expected values that depend on the graph inputs, got the constant '${layerNames(block0!)[0]}'; leave it out`,
  ],
  [
    'a value on both sides',
    [{ from: [at.a1], to: [at.out, at.a1] }],
    `/regions.yaml region 'r0': expected '${at.a1}' on one side, got it in from and to; leave one out`,
  ],
  [
    'outputs that depend on more',
    [{ from: [block1!.nodes[0]!.outputs[0]!.name], to: [at.h2] }],
    `/regions.yaml region 'r0': outputs also depend on '${at.h1}'; add it to from`,
  ],
  [
    'outputs before inputs',
    [{ from: [at.h1], to: [at.h0] }],
    `/regions.yaml region 'r0': expected outputs that are computed from its inputs, got '${at.h0}', which is not; correct from or to`,
  ],
  [
    'an input that leads nowhere',
    [{ from: [at.h0, at.h2], to: [at.h1] }],
    `/regions.yaml region 'r0': expected inputs that lead to its outputs, got '${at.h2}', which does not; leave it out of from`,
  ],
  [
    'a layer elsewhere',
    [{ from: [at.h0], to: [at.a0], layers: [layerNames(block1!)[0]!] }],
    `got '${layerNames(block1!)[0]}'`,
  ],
  [
    'overlapping regions',
    [
      { from: [at.h0], to: [at.h1] },
      { from: [at.a0], to: [at.h2] },
    ],
    `/regions.yaml: expected each layer in one region, got '${layerNames(block0!)[4]}' in 'r0' and 'r1'; cut one of them shorter`,
  ],
  [
    'the wrong order',
    [
      { from: [at.h1], to: [at.h2] },
      { from: [at.h0], to: [at.h1] },
    ],
    "/regions.yaml: expected regions in the order in which they run, got 'r0' before 'r1', from which it is computed; put it behind",
  ],
  [
    'a hole',
    [{ from: [at.h0, at.h1], to: [at.a0, at.a1] }],
    `/regions.yaml: expected region 'r0' to be computed in one go, got its input '${at.h1}', which is computed from what it makes; take in what lies between`,
  ],
  [
    'a name twice',
    [
      { name: 'x', from: [at.h0], to: [at.h1] },
      { name: 'x', from: [at.h1], to: [at.h2] },
    ],
    "'regions': expected names that are unique, got one twice",
  ],
  ['no regions', [], "'regions': "],
  ['an unknown key', [{ from: [at.h0], to: [at.h1], layer: [] }], "'regions.0': unrecognized key"],
];

describe('a file with', () => {
  test.each(wrong)('%s is refused', (_problem, list, message) => {
    const path = file({ regions: list.map((region, i) => ({ name: `r${i}`, ...region })) });
    expect(() => readRegions(structure, path)).toThrow(message);
  });
});
