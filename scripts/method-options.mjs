/** Writes methods with their options into docs/attacks.md, docs/counterfactuals.md and docs/training.md, between their marks. Needs `npm run build`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { attackNamed, attacks } from '../dist/attack/catalogue.js';
import { explainerNamed, explainers } from '../dist/counterfactual/catalogue.js';
import { algorithms } from '../dist/train/algorithms/index.js';
import { baselines } from '../dist/train/baselines/index.js';

write('attacks', Object.keys(attacks).map(attackNamed), ({ family, needs, range, budget }) => [
  `keeps ${family === 'group' ? 'groups of changed positions' : family === 'sparse' ? 'the number of changes' : family} small`,
  asked(needs),
  ...(budget ? [`stays within \`${budget}\`, which \`--bisect\` searches`] : []),
  `constants for inputs in [${range.join(', ')}]`,
]);
write('counterfactuals', Object.keys(explainers).map(explainerNamed), ({ asks }) => [asked(asks)], 'methods');
write(
  'training',
  Object.values(algorithms),
  ({ description, needsUnlabelled = true, keeps, folded, usual = {} }) => [
    description,
    ...(needsUnlabelled ? [] : ['needs no unlabelled series']),
    ...Object.entries(usual).map(([setting, value]) => `\`--${dashed(setting)} ${value}\` unless set otherwise`),
    ...(keeps === 'teacher' ? ['averaged weights are kept'] : []),
    ...(folded ? [`on a model with folded BatchNormalization ${folded}`] : []),
  ],
  'algorithms',
);
write('training', Object.values(baselines), ({ description }) => [description], 'baselines');

/** @param {(method: object) => string[]} factsOf what is told of one besides its paper and its options */
function write(page, methods, factsOf, mark = page) {
  const path = fileURLToPath(new URL(`../docs/${page}.md`, import.meta.url));
  const [begin, end] = [`<!-- ${mark} -->\n`, `<!-- end of ${mark} -->`];
  const [before, rest] = readFileSync(path, 'utf8').split(begin);
  const sections = methods.map((method) => section(method, factsOf(method)));
  writeFileSync(path, `${before}${begin}\n${sections.join('\n')}\n${rest.slice(rest.indexOf(end))}`);
}

function section({ name, paper, options }, facts) {
  const lines = Object.entries(options).map(([option, spec]) => `- \`${option}\` (${usualOf(spec)}): ${spec.about}`);
  const source = paper ? `${paper}. ` : '';
  return `### ${name}\n\n${source}${capital(facts.join('; '))}.\n${lines.length > 0 ? `\n${lines.join('\n')}\n` : ''}`;
}

function asked(what) {
  return what === 'scores' ? 'asks for scores alone' : 'follows gradients';
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

/** As the command line spells it. */
function dashed(name) {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
