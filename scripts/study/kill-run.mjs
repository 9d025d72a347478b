/** Prune runs that are ended from outside, and what they leave. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The command line of a run that writes into `place`. */
export const command = (model, place, samples) => [
  ...['prune', model, '--method', 'sparsegpt', '--pattern', '0.5', '--calibration', 'calibration/sotu.yaml'],
  ...['--samples', samples, '--provider', 'cpu', '--threads', '2', '--output', join(place, 'pruned.onnx')],
];

/** Starts the command as the leader of a process group. @param onText is given all of stderr each time something is added. */
export function start(words, onText = () => {}) {
  const child = spawn(process.execPath, ['bin/scalpel.js', ...words], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
    onText(stderr);
  });
  const ended = new Promise((resolve) => {
    child.on('exit', (code, signal) => {
      const stage = stderr.match(/^[a-z ]+: \d+ of \d+/gm)?.at(-1) ?? 'start';
      resolve({ code: code ?? signal, stage, stderr });
    });
  });
  return { pid: child.pid, ended };
}

/** Waits until no process of the group runs: a job must not outlive its parent. */
export async function waitForGroup(group) {
  while (membersOf(group).length > 0) await sleep(20);
}

function membersOf(group) {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [state, , ofGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(ofGroup) === group && state !== 'Z';
    } catch {
      return false;
    }
  });
}

/** What lies under final names: hashes of model and data, and the report without its times. */
export function finalFiles(place) {
  const hash = (text) => createHash('sha256').update(text).digest('hex');
  const files = {};
  for (const name of ['pruned.onnx', 'pruned.onnx.data']) {
    if (existsSync(join(place, name))) files[name] = hash(readFileSync(join(place, name)));
  }
  const report = join(place, 'pruned.onnx.report');
  if (existsSync(join(report, 'report.json'))) files['report.json'] = hash(untimed(join(report, 'report.json')));
  if (existsSync(join(report, 'report.html'))) {
    files['report.html'] = readFileSync(join(report, 'report.html'), 'utf8').trimEnd().endsWith('</html>');
  }
  if (existsSync(`${join(place, 'pruned.onnx')}.run`)) files.run = true;
  const left = existsSync(place) ? readdirSync(place).filter((name) => name.endsWith('-tmp')) : [];
  return { ...files, left: left.length };
}

function untimed(path) {
  try {
    const { timing: _, ...report } = JSON.parse(readFileSync(path, 'utf8'));
    return JSON.stringify(report);
  } catch {
    return 'no JSON';
  }
}

/** @param which `those there`: files that are absent do not count, nor does what is being worked on. */
export function differences(expected, found, which) {
  const ignored = which === 'all' ? [] : ['run', 'left'];
  const names = which === 'all' ? new Set([...Object.keys(expected), ...Object.keys(found)]) : Object.keys(found);
  return [...names]
    .filter((name) => !ignored.includes(name) && expected[name] !== found[name])
    .map((name) => `${name} (${which}): ${expected[name]} expected, ${found[name]} found`);
}
