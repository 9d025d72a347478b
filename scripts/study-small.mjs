/**
 * Figures of the small networks, from what `scripts/train-small.mjs` left. Writes the tables of docs/small-networks.md.
 *
 *     node scripts/study-small.mjs FOLDER …       one folder a seed, trained with --per-class
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { markdownTable } from './study/markdown-table.mjs';

const page = fileURLToPath(new URL('../docs/small-networks.md', import.meta.url));
const [start, end] = ['<!-- figures: node scripts/study-small.mjs -->', '<!-- end of figures -->'];

const folders = process.argv.slice(2);
if (folders.length === 0) throw new Error('usage: node scripts/study-small.mjs FOLDER …');
const seeds = folders.map((folder) => JSON.parse(readFileSync(join(folder, 'accuracy.json'), 'utf8')));
const names = Object.keys(seeds[0]);
const isCoder = (name) => /-(ae|vae)(-class\d+)?$/.test(name);

const text = readFileSync(page, 'utf8');
const [before, after] = [text.indexOf(start) + start.length, text.indexOf(end)];
writeFileSync(page, `${text.slice(0, before)}\n${tables()}\n${text.slice(after)}`);

function tables() {
  const answering = names.filter((name) => !isCoder(name));
  const whole = answering.filter((name) => names.includes(`${name}-ae`));
  return [
    markdownTable(
      ['network', 'held out', 'trained on', 'right, or r2', 'largest class', 'seconds'],
      answering.map((name) => [
        ...[`\`${name}\``, size(name, 'held'), size(name, 'trained')],
        ...[each(name, ({ accuracy, r2 }) => accuracy ?? r2), each(name, ({ majority }) => majority)],
        seconds([name]),
      ]),
    ),
    markdownTable(
      ['samples of', 'autoencoder', 'of one class', 'variational', 'nats', 'seconds'],
      whole.map((name) => {
        const classes = names.filter((other) => other.startsWith(`${name}-ae-class`));
        return [
          ...[`\`${name}\``, each(`${name}-ae`, unexplained), range(classes), each(`${name}-vae`, unexplained)],
          ...[each(`${name}-vae`, ({ kl }) => kl / 100), seconds([`${name}-ae`, ...classes, `${name}-vae`])],
        ];
      }),
    ),
  ].join('\n\n');
}

/** One figure a seed, in hundredths. */
function each(name, figure) {
  const found = seeds.map((seed) => figure(seed[name])).filter((value) => value !== undefined);
  return found.map((value) => (100 * value).toFixed(1)).join(' · ');
}

/** From the class that is told best to the worst, over all seeds. */
function range(classes) {
  const found = seeds.flatMap((seed) => classes.map((name) => 100 * unexplained(seed[name])));
  return `${Math.min(...found).toFixed(1)} to ${Math.max(...found).toFixed(1)}`;
}

function unexplained({ error, variance }) {
  return error / variance;
}

function size(name, figure) {
  return seeds[0][name][figure].toLocaleString('en');
}

function seconds(of) {
  return of.reduce((sum, name) => sum + seeds[0][name].seconds, 0).toFixed(1);
}
