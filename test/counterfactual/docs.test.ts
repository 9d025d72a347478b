/** docs/counterfactuals.md says what the catalogue has. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type ExplainerName, explainerNamed, explainerNames } from '../../src/counterfactual/catalogue.js';
import { schemaOfExplanations } from '../../src/report/explain-form.js';

const at = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const text = at('counterfactuals.md');

/** The part about one method. */
const section = (name: string): string => text.split(`\n### ${name}\n`)[1]?.split(/\n##/)[0] ?? '';

test.each(explainerNames)('%s and its options', (name: ExplainerName) => {
  const { paper, options } = explainerNamed(name);
  // node scripts/method-options.mjs writes it
  expect(section(name)).toContain(paper);
  const told = [...section(name).matchAll(/^- `([^`]+)`/gm)].map(([, option]) => option);
  expect(told).toEqual(Object.keys(options));
  for (const { about } of Object.values(options)) expect(section(name)).toContain(about);
});

test('explanations.schema.json is what scripts/make-json-schema.mjs makes', () => {
  expect(JSON.parse(at('explanations.schema.json'))).toEqual(schemaOfExplanations());
});
