/** Writes the table of attacks and their options into docs/attacks.md, between its marks. Needs `npm run build`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { attackSections } from './study/attack-sections.mjs';

const path = fileURLToPath(new URL('../docs/attacks.md', import.meta.url));
const text = readFileSync(path, 'utf8');
const [begin, end] = ['<!-- attacks -->\n', '<!-- end of attacks -->'];
const [before, rest] = text.split(begin);
writeFileSync(path, `${before}${begin}\n${attackSections()}\n${rest.slice(rest.indexOf(end))}`);
