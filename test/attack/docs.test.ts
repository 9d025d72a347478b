/** docs/attacks.md says what the catalogue has. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type AttackName, attackNamed, attacks } from '../../src/attack/catalogue.js';

const text = readFileSync(new URL('../../docs/attacks.md', import.meta.url), 'utf8');

/** The part about one attack. */
const section = (name: string): string => text.split(`\n### ${name}\n`)[1]?.split(/\n##/)[0] ?? '';

test.each(Object.keys(attacks) as AttackName[])('%s and its options', (name) => {
  const { paper, options } = attackNamed(name);
  // node scripts/method-options.mjs writes it
  expect(section(name)).toContain(paper);
  const told = [...section(name).matchAll(/^- `([^`]+)`/gm)].map(([, option]) => option);
  expect(told).toEqual(Object.keys(options));
  for (const { about } of Object.values(options)) expect(section(name)).toContain(about);
});
