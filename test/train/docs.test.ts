/** docs/training.md says what the catalogues have. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type AlgorithmName, algorithms } from '../../src/train/algorithms/index.js';
import { backbones } from '../../src/train/backbones/index.js';
import { baselines } from '../../src/train/baselines/index.js';
import { augmentations } from '../../src/train/views/index.js';

const text = readFileSync(new URL('../../docs/training.md', import.meta.url), 'utf8');

/** The part about one method, which node scripts/method-options.mjs writes. */
const section = (name: string): string => text.split(`\n### ${name}\n`)[1]?.split(/\n##|\n<!--/)[0] ?? '';

interface Told {
  readonly name: string;
  readonly description: string;
  readonly paper?: string;
  readonly options: Readonly<Record<string, { readonly default: unknown; readonly about: string }>>;
}

test.each<Told>([...Object.values(algorithms), ...Object.values(baselines)])('$name and its options', (method) => {
  const { name, description, paper = '', options } = method;
  expect(section(name)).toContain(paper);
  expect(section(name).toLowerCase()).toContain(description.toLowerCase());
  const told = [...section(name).matchAll(/^- `([^`]+)` \((?:[^)]*; )?([^;)]+)\): (.+)$/gm)].map(
    ([, ...facts]) => facts,
  );
  expect(told).toEqual(Object.entries(options).map(([option, spec]) => [option, String(spec.default), spec.about]));
});

describe('the guide', () => {
  test.each(Object.keys(algorithms))('has the loss of %s, and what a folded model means to it', (name) => {
    const [folded, losses] = ['| algorithm | on a model', '| algorithm | loss |'].map(
      (head) => text.split(head)[1]!.split('\n\n')[0]!,
    );
    expect(losses).toContain(`| \`${name}\` | `);
    expect(folded).toContain(`| ${name} | ${algorithms[name as AlgorithmName].folded} |`);
  });

  test.each([...Object.keys(backbones), ...Object.keys(augmentations)])('names %s', (name) => {
    expect(text).toContain(`\`${name}\``);
  });
});
