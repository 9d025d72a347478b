/** One process of the fuzzer: its share of a target's cases, one after another, and what became of them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installGuard } from './guard.mjs';
import { hashOf, randomFrom } from './random.mjs';
import { shrink } from './shrink.mjs';

/** Seconds of processor time: a busy machine makes no defects. */
const mostSeconds = 2;
/** What reading a small file may take at once; a multiple of the file's size comes on top. */
const mostBytes = 2 ** 27;
const mostCorpus = 3000;
const mostInput = 2 ** 22;
/** Asking what was reached costs more than most cases: it is asked after several, which are then all kept. */
const coverageEvery = 8;

const { target: name, seed, from, to, folder, coverage: wantsCoverage, everyNth, input } = JSON.parse(process.argv[2]);
const place = join(folder, 'place');
mkdirSync(place, { recursive: true });
process.chdir(place);
const guard = installGuard(folder, { allocations: name !== 'images' });
const { targets } = await import('./targets.mjs');
const { startCoverage } = await import('./coverage.mjs');
const target = await targets[name].open({ everyNth });

if (input) {
  const { readFileSync } = await import('node:fs');
  await report({ outcome: await run(new Uint8Array(readFileSync(input))) });
} else await loop();
process.disconnect?.();

async function loop() {
  const coverage = wantsCoverage ? startCoverage((url) => url.includes('/dist/')) : undefined;
  const random = randomFrom((hashOf(name) ^ Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(from + 1, 0x85ebca6b)) >>> 0);
  const corpus = [...target.seeds];
  const counts = { ok: 0, refused: 0, defect: 0 };
  const known = new Set();
  const batch = [];
  for (let i = from; i < to; i++) {
    const start = i - from < target.seeds.length && i < target.seeds.length ? target.seeds[i] : random.pick(corpus);
    const bytes = i - from < 3 ? start : mutated(start, random, corpus);
    // files, because a process that is stuck or gone sends no messages
    writeFileSync(join(folder, 'current'), bytes);
    const state = { at: i, counts, corpus: corpus.length, reached: coverage?.reached.size ?? 0 };
    writeFileSync(join(folder, 'state'), JSON.stringify(state));
    const outcome = await run(bytes);
    counts[outcome.kind]++;
    if (outcome.kind === 'defect' && !known.has(outcome.key)) {
      known.add(outcome.key);
      const fails = async (candidate) => (await run(candidate)).key === outcome.key;
      const small = outcome.isSlow || targets[name].isSlow ? bytes : await shrink(bytes, fails);
      await report({ defect: { ...outcome, index: i, bytes: Buffer.from(small).toString('base64') } });
    }
    batch.push(bytes);
    if (coverage && batch.length === coverageEvery) {
      const isNew = coverage.take() > 0;
      if (isNew && corpus.length < mostCorpus) corpus.push(...batch.filter(({ length }) => length < 200_000));
      batch.length = 0;
    }
  }
  await report({ at: to, counts, corpus: corpus.length, reached: coverage?.reached.size ?? 0, isDone: true });
}

/** Another input; the same one where the mutation itself fails or makes a giant of it. */
function mutated(start, random, corpus) {
  try {
    const bytes = new Uint8Array(target.mutate(start, random, corpus));
    return bytes.length <= mostInput ? bytes : start;
  } catch (error) {
    if (error instanceof RangeError) return start;
    throw error;
  }
}

/** Refusals are errors with a reason and an exit code; everything else that is thrown is a defect. */
async function run(bytes) {
  const before = process.cpuUsage();
  guard.begin();
  const refusals = [];
  let broken;
  const step = async (label, action) => {
    if (broken) return undefined;
    try {
      return await action();
    } catch (error) {
      if (error?.name === 'UserError') refusals.push(`${label}: ${error.message}`);
      else broken = { what: `${label}: ${error?.name}: ${error?.message}`, stack: String(error?.stack) };
      return undefined;
    }
  };
  const isRead = await target.work(bytes, step);
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6;
  if (broken) return defect(broken.what, broken.stack);
  if (seconds > mostSeconds && !targets[name].isSlow)
    return { ...defect(`took ${seconds} s`, ''), key: 'slow', isSlow: true };
  if (guard.seen.largest > mostBytes + 64 * bytes.length) {
    return defect(`asked for ${guard.seen.largest} bytes for an input of ${bytes.length}`, '');
  }
  if (guard.seen.outside.length > 0) return defect(`wrote to ${guard.seen.outside[0]}`, '');
  const ill = refusals.find(isIll);
  if (ill) return { ...defect(`message: ${ill.slice(0, 600)}`, ''), key: `message ${ill.slice(0, ill.indexOf(' '))}` };
  return { kind: isRead || refusals.length === 0 ? 'ok' : 'refused', refusals };
}

/** A message stays on its line, is short enough to read, says what to do and names files as they were named. */
function isIll(message) {
  return (
    /\p{Cc}/u.test(message) ||
    message.length > 3000 ||
    (/its process (was )?ended/.test(message) && !/model\.onnx: .*\([A-Z]\w+/.test(message)) ||
    (!targets[name].isTerse && !message.includes('; ')) ||
    message.includes(place)
  );
}

function defect(what, stack) {
  const frame = stack.split('\n').find((line) => line.includes('/dist/')) ?? '';
  const key = `${what
    .replace(/\d+/g, '#')
    .replace(/'[^']*'|"[^"]*"/g, "''")
    .slice(0, 120)} ${frame.replace(/.*\/dist\//, '').replace(/:\d+\)?$/, '')}`;
  return { kind: 'defect', key, what: what.slice(0, 1000), stack: stack.split('\n').slice(0, 8).join('\n') };
}

function report(message) {
  return new Promise((done) => process.send(message, done));
}
