/** Writes the table of attacks and their options into docs/attacks.md, between its marks. Needs `npm run build`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { attackNamed, attacks } from '../dist/attack/catalogue.js';

const path = fileURLToPath(new URL('../docs/attacks.md', import.meta.url));
const text = readFileSync(path, 'utf8');
const [begin, end] = ['<!-- attacks -->\n', '<!-- end of attacks -->'];
const [before, rest] = text.split(begin);
writeFileSync(
  path,
  `${before}${begin}\n${Object.keys(attacks).map(section).join('\n')}\n${rest.slice(rest.indexOf(end))}`,
);

function section(name) {
  const { family, needs, paper, range, budget, options } = attackNamed(name);
  const facts = [
    `keeps ${family === 'group' ? 'groups of changed positions' : family === 'sparse' ? 'the number of changes' : family} small`,
    needs === 'scores' ? 'asks for scores alone' : 'follows gradients',
    ...(budget ? [`stays within \`${budget}\`, which \`--bisect\` searches`] : []),
    `constants for inputs in [${range.join(', ')}]`,
  ];
  const lines = Object.entries(options).map(([option, spec]) => `- \`${option}\` (${usualOf(spec)}): ${spec.about}`);
  return `### ${name}\n\n${paper}. ${capital(facts.join('; '))}.\n\n${lines.join('\n')}\n`;
}

function usualOf({ default: usual, choices }) {
  return choices ? `${choices.join(' or ')}; ${usual}` : short(usual);
}

/** Shares of 255 are grey levels. */
function short(value) {
  if (typeof value !== 'number') return String(value);
  const levels = value * 255;
  const isLevels = value > 0 && value < 1 && Math.abs(levels - Math.round(levels)) < 1e-9 && String(value).length > 6;
  return isLevels ? `${Math.round(levels)}/255` : String(Number(value.toPrecision(6)));
}

function capital(text) {
  return text[0].toUpperCase() + text.slice(1);
}
