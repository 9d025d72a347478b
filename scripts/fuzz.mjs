/**
 * Feeds mutated files to everything that reads files, and looks for anything but an answer or an error with a reason.
 *
 *     node scripts/fuzz.mjs [--target NAME] [--cases N] [--seed S] [--shards N] [--no-coverage] [--json] [--keep FOLDER]
 *     node scripts/fuzz.mjs --target NAME --input FILE        one case again
 *
 * `--cases` counts all cases of a target. Inputs that showed a defect are kept in FOLDER (default out/fuzz). Exits 1 when there is one.
 */
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    target: { type: 'string', multiple: true },
    cases: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    shards: { type: 'string', default: '1' },
    'every-nth': { type: 'string', default: '1' },
    'no-coverage': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    keep: { type: 'string', default: fileURLToPath(new URL('../out/fuzz', import.meta.url)) },
    input: { type: 'string' },
  },
});

/** A process that works so long on one case hangs: a machine that is busy with other things makes no defects. */
const mostBusySeconds = 20;
/** Where the system does not tell what a process worked, and for one that waits for ever. */
const mostSilentSeconds = 600;
/** The heap of a process: what grows beyond ends it, and is a defect. */
const heapMegabytes = 512;

const { targets } = await import('./fuzz/targets.mjs');
const names = options.target ?? Object.keys(targets);
const results = [];
for (const name of names) results.push(await fuzz(name));
if (options.json) console.log(JSON.stringify(results));
if (results.some(({ defects }) => defects.length > 0)) process.exitCode = 1;

async function fuzz(name) {
  if (!targets[name]) throw new Error(`no target '${name}'; targets are ${Object.keys(targets).join(', ')}`);
  const cases = Math.ceil(Number(options.cases) / (targets[name].isSlow ? 100 : 1));
  const shards = Math.min(Number(options.shards), cases);
  const started = performance.now();
  const parts = await Promise.all(
    Array.from({ length: shards }, (_, i) =>
      runShard(name, Math.floor((cases * i) / shards), Math.floor((cases * (i + 1)) / shards)),
    ),
  );
  const sum = (key) => parts.reduce((total, { counts }) => total + counts[key], 0);
  const defects = [...new Map(parts.flatMap((part) => part.defects).map((found) => [found.key, found])).values()];
  const result = {
    target: name,
    cases: sum('ok') + sum('refused') + sum('defect'),
    ok: sum('ok'),
    refused: sum('refused'),
    defect: sum('defect'),
    kept: parts.reduce((total, { corpus }) => total + corpus, 0),
    reached: Math.max(...parts.map(({ reached }) => reached)),
    seconds: Math.round((performance.now() - started) / 1000),
    defects: defects.map((found) => keep(name, found)),
  };
  if (!options.json) say(result);
  return result;
}

async function runShard(target, from, to) {
  const total = { counts: { ok: 0, refused: 0, defect: 0 }, corpus: 0, reached: 0, defects: [] };
  // a process that ends in the middle of a case is followed by another one, behind that case
  for (let at = from; at < to || options.input; ) {
    const part = await runProcess(target, at, to, total);
    if (part.isDone || options.input) break;
    total.counts.defect++;
    total.defects.push(part.defect);
    at = part.at + 1;
  }
  return total;
}

function runProcess(target, from, to, total) {
  const folder = mkdtempSync(join(tmpdir(), 'scalpel-fuzz-'));
  const input = options.input === undefined ? undefined : resolve(options.input);
  const request = { target, seed: Number(options.seed), from, to, folder, input, coverage: !options['no-coverage'] };
  const child = fork(
    fileURLToPath(new URL('./fuzz/shard.mjs', import.meta.url)),
    [JSON.stringify({ ...request, everyNth: Number(options['every-nth']) })],
    {
      execArgv: [`--max-old-space-size=${heapMegabytes}`],
      stdio: ['ignore', 2, options.input ? 2 : 'pipe', 'ipc'],
      env: { ...process.env, TMPDIR: folder },
    },
  );
  let last = { at: from, counts: { ok: 0, refused: 0, defect: 0 }, corpus: 0, reached: 0 };
  let said = '';
  let isHung = false;
  child.stderr?.on('data', (text) => {
    said = (said + text).slice(-4000);
  });
  child.on('message', (message) => {
    if (message.defect) total.defects.push(message.defect);
    else if (message.outcome) console.log(JSON.stringify(message.outcome, undefined, 1));
    else if (message.isDone) last = message;
  });
  const current = join(folder, 'current');
  let since = { at: 0, busy: 0 };
  const watch = setInterval(() => {
    const at = existsSync(current) ? statSync(current).mtimeMs : 0;
    const busy = busySeconds(child.pid);
    if (at !== since.at) since = { at, busy };
    const isSilent = at > 0 && Date.now() - at > 1000 * mostSilentSeconds;
    if (at === 0 || (busy - since.busy < mostBusySeconds && !isSilent)) return;
    isHung = true;
    child.kill('SIGKILL');
  }, 1000);
  return new Promise((done) => {
    child.on('close', (code, signal) => {
      clearInterval(watch);
      const state = join(folder, 'state');
      if (!last.isDone && existsSync(state)) last = JSON.parse(readFileSync(state, 'utf8'));
      for (const key of Object.keys(total.counts)) total.counts[key] += last.counts[key];
      total.corpus = Math.max(total.corpus, last.corpus);
      total.reached = Math.max(total.reached, last.reached);
      const bytes = existsSync(current) ? readFileSync(current).toString('base64') : '';
      rmSync(folder, { recursive: true, force: true });
      const what = isHung ? 'hangs' : `ended its process (${signal ?? code}) ${said.slice(0, 1500)}`;
      done({ ...last, defect: { key: what.slice(0, 200), what, stack: said, index: last.at, bytes } });
    });
  });
}

/** What a process has worked so far, as Linux tells; 0 elsewhere. */
function busySeconds(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}

/** Writes the input that showed a defect to a file of its own. */
function keep(target, { key, what, stack, index, bytes }) {
  mkdirSync(options.keep, { recursive: true });
  const content = Buffer.from(bytes, 'base64');
  const path = join(options.keep, `${target}-${createHash('sha256').update(key).digest('hex').slice(0, 8)}`);
  writeFileSync(path, content);
  return { key, what, stack, index, path, size: content.length };
}

function say({ target, cases, ok, refused, defect, kept, reached, seconds, defects }) {
  console.log(
    `${target}: ${cases} cases in ${seconds} s: ${ok} read, ${refused} refused with a reason, ${defect} defects (${defects.length} kinds); ${kept} inputs kept, ${reached} blocks reached`,
  );
  for (const { what, stack, path, size, index } of defects) {
    console.log(`  case ${index}, ${size} bytes, ${path}\n    ${what}\n${stack.replace(/^/gm, '      ')}`);
  }
}
