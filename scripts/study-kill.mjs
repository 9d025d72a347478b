/**
 * Kills, interrupts and starves prune runs, starts the same command again, and compares what comes out with an uninterrupted run:
 *
 *   node scripts/study-kill.mjs [--points 30] [--interrupts 10] [--seed 1] [--samples 24] [--models plain,external] [OUT.json]
 *
 * Prints a table. Full disks need the right to mount a tmpfs. Needs `npm run build`. Linux.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { random } from '../dist/tensor/random.js';
import { fillDisk, isMountable } from './study/full-disk.mjs';
import { models } from './study/kill-models.mjs';
import { command, differences, finalFiles, start, waitForGroup } from './study/kill-run.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    points: { type: 'string', default: '30' },
    interrupts: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    samples: { type: 'string', default: '24' },
    models: { type: 'string', default: 'plain,external' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'study-kill-'));
const draw = random(Number(values.seed), 'moments');
const rows = [];

for (const name of values.models.split(',')) {
  const place = join(folder, name);
  const words = command(models[name](join(folder, `${name}-model`)), place, values.samples);
  const reference = await wholeRun(place, words);
  console.error(`${name}: uninterrupted in ${reference.seconds.toFixed(1)} s`);
  const moments = (count, from = 0) => [...draw.uniforms(count, from)].map((u) => u * reference.seconds * 1000);
  for (const [i, moment] of moments(Number(values.points)).entries()) {
    // every other one loses its parent alone
    await study(name, i % 2 ? 'SIGKILL of the parent' : 'SIGKILL of the group', moment, place, words, reference);
  }
  for (const moment of moments(Number(values.interrupts), 1000)) {
    await study(name, 'SIGINT to the group', moment, place, words, reference);
  }
  if (!isMountable()) console.error('full disks are left out: a tmpfs cannot be mounted here');
  else for (const free of [0, 0.5, 1.5, 3, 5, 8, 11, 14, 17, 20]) await starve(name, free, place, words, reference);
}
rmSync(folder, { recursive: true });
if (positionals[0]) writeFileSync(positionals[0], `${JSON.stringify(rows, null, 1)}\n`);
print();

async function wholeRun(place, words) {
  fresh(place);
  const begin = performance.now();
  const { code, stderr } = await start(words).ended;
  if (code !== 0) throw new Error(`the uninterrupted run failed:\n${stderr}`);
  return { seconds: (performance.now() - begin) / 1000, files: finalFiles(place) };
}

/** One run that is ended after `moment` milliseconds, and the same command again. */
async function study(model, how, moment, place, words, reference) {
  fresh(place);
  const run = start(words);
  const isOver = await Promise.race([
    run.ended.then(() => true),
    new Promise((resolve) => setTimeout(resolve, moment, false)),
  ]);
  if (isOver) return study(model, how, moment * 0.7, place, words, reference);
  const begin = performance.now();
  if (how.startsWith('SIGINT')) process.kill(-run.pid, 'SIGINT');
  else process.kill(how.endsWith('group') ? -run.pid : run.pid, 'SIGKILL');
  const { code, stage } = await run.ended;
  await waitForGroup(run.pid);
  const seconds = (performance.now() - begin) / 1000;
  // at once what has its final name, then everything
  const early = differences(reference.files, finalFiles(place), 'those there');
  record({ model, how, at: moment / 1000, stage, seconds, code, ...(await again(place, words, reference, early)) });
}

/** One run whose disk has only `free` megabytes left once it has begun to prune; more room, and the same command again. */
async function starve(model, free, place, words, reference) {
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place);
  const disk = fillDisk(place, 80);
  try {
    const run = start(words, (stderr) => /prune: 0 of/.test(stderr) && disk.leave(free));
    const { code, stage, stderr } = await run.ended;
    const early = differences(reference.files, finalFiles(place), 'those there');
    disk.free();
    const said = stderr.trimEnd().split('\n').at(-1);
    const how = `${free} MB left on the disk`;
    record({ model, how, at: 0, stage, seconds: 0, code, said, ...(await again(place, words, reference, early)) });
  } finally {
    disk.unmount();
  }
}

async function again(place, words, reference, early) {
  const second = await start(words).ended;
  // killed after its last deed: everything is there, and nothing to go on from
  const wasDone = second.code === 2 && /already exists; add --force/.test(second.stderr);
  const late = differences(reference.files, finalFiles(place), 'all');
  return { again: wasDone ? 'was done' : second.code, differences: [...early, ...late] };
}

function record(row) {
  rows.push(row);
  console.error(
    `${row.model}, ${row.how}, ${row.at.toFixed(2)} s (${row.stage}): ended ${row.code} in ${row.seconds.toFixed(2)} s, again ${row.again}, ${row.differences.join('; ') || 'equal'}`,
  );
}

function fresh(place) {
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place);
}

function print() {
  console.log('| model | ended by | points | resumed to equal bytes | slowest end |\n|---|---|---|---|---|');
  const kindOf = ({ how }) => (how.includes('disk') ? 'a full disk' : how);
  for (const key of new Set(rows.map((row) => `${row.model} | ${kindOf(row)}`))) {
    const own = rows.filter((row) => `${row.model} | ${kindOf(row)}` === key);
    const equal = own.filter((row) => row.differences.length === 0 && [0, 'was done'].includes(row.again));
    const slowest = Math.max(...own.map(({ seconds }) => seconds)).toFixed(1);
    console.log(`| ${key} | ${own.length} | ${equal.length} | ${key.endsWith('disk') ? '' : `${slowest} s`} |`);
  }
}
