/** The catalogue of attacks as Markdown: a section each, with paper and options. */
import { attackNamed, attacks } from '../../dist/attack/catalogue.js';

export const attackSections = () => Object.keys(attacks).map(section).join('\n');

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

const usualOf = ({ default: usual, choices }) => (choices ? `${choices.join(' or ')}; ${usual}` : short(usual));

/** Shares of 255 are grey levels. */
function short(value) {
  if (typeof value !== 'number') return String(value);
  const levels = value * 255;
  const isLevels = value > 0 && value < 1 && Math.abs(levels - Math.round(levels)) < 1e-9 && String(value).length > 6;
  return isLevels ? `${Math.round(levels)}/255` : String(Number(value.toPrecision(6)));
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);
