/** Runs of the command line for a study: each is made once, its figures stay in a file of one JSON line a run, and several go on at a time. */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param {string} root of the project @param {string} folder where models are made and removed again
 * @param {(figures: object) => string} tell what is printed of a finished run
 * @param {string} ledger the file of figures, which is part of the project: finished runs are not made again on another machine either
 */
export function studyRuns(root, folder, ledger, tell = ({ before, after }) => `${before} -> ${after}`) {
  mkdirSync(folder, { recursive: true });
  const lines = existsSync(ledger) ? readFileSync(ledger, 'utf8').split('\n').filter(Boolean) : [];
  const known = new Map(lines.map((line) => JSON.parse(line)).map((figures) => [figures.id, figures]));

  /** What `make` gives for `id`, from the ledger where it was made before. */
  async function once(id, make) {
    if (!known.has(id)) {
      const figures = { id, ...(await make()) };
      appendFileSync(ledger, `${JSON.stringify(figures)}\n`);
      known.set(id, figures);
      console.error(`${id}: ${tell(figures)}`);
    }
    return known.get(id);
  }

  /** Figures of `scalpel` with these arguments and an output of its own, which is removed. */
  const run = (id, args) =>
    once(id, async () => {
      const output = join(folder, `${id}.onnx`);
      const report = await scalpel(root, [...args, '--output', output, '--force', '--json', '--quiet']);
      for (const made of [output, `${output}.data`, `${output}.report`]) rmSync(made, { recursive: true, force: true });
      return figuresOf(report);
    });

  return { has: (id) => known.has(id), once, run };
}

/** Quality before and after, and what it took. */
export function figuresOf({ quality: { metric, before, after }, timing }) {
  return { metric, before: rounded(before), after: rounded(after), ...costsOf({ timing }) };
}

/** Seconds of pruning and fitting, of them inside the runtime, and peak memory. */
export function costsOf({ timing: { stages, peakMemoryBytes } }) {
  const { seconds, runtimeSeconds } = stages.find(({ stage }) => stage === 'prune' || stage === 'reconstruct');
  return { seconds: rounded(seconds), runtimeSeconds: rounded(runtimeSeconds), peakBytes: peakMemoryBytes };
}

/** Pages round once more: what has few digits by then ends on the other side now and then. */
const rounded = (value) => Number(value.toPrecision(9));

/** @param {readonly number[]} codes that are no failure */
export function scalpel(root, args, codes = [0]) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['bin/scalpel.js', ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [out, err] = [[], []];
    child.stdout.on('data', (part) => out.push(part));
    child.stderr.on('data', (part) => err.push(part));
    child.on('close', (code) => {
      if (codes.includes(code)) resolve(JSON.parse(Buffer.concat(out).toString()));
      else reject(new Error(`scalpel ${args.join(' ')}: ${Buffer.concat(err)}`));
    });
  });
}

/** Calls all of `works`, `atOnce` at a time, and gives their results in order. */
export async function inPool(works, atOnce) {
  const results = [];
  let next = 0;
  const worker = async () => {
    while (next < works.length) {
      const index = next++;
      results[index] = await works[index]();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
