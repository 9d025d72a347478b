/** Runs of the scale study: a model is made, pruned once in a process of its own, and the figures are kept. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { saveNpy } from '../../dist/tensor/npy.js';
import { int64 } from '../../dist/tensor/tensor.js';

const windowLength = 256;
const mostWindows = 256;
/** Below the smallest vocabulary. */
const tokenIds = 8192;

/** @returns `run`: the figures of one prune run, from the folder when it was made before. */
export function workshop(root, folder) {
  mkdirSync(join(folder, 'runs'), { recursive: true });
  const node = (args) => {
    const done = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 });
    if (done.status !== 0) throw new Error(`${args.join(' ')}: ${done.stderr}`);
    return done.stdout;
  };
  const tokens = join(folder, 'tokens.npy');
  if (!existsSync(tokens)) saveTokens(tokens);

  function modelOf(size) {
    const path = join(folder, `${size.join('-')}.onnx`);
    const [layout, ...sizes] = size;
    if (!existsSync(path)) node(['scripts/make-random-lm.mjs', layout, path, ...sizes.map(String)]);
    return path;
  }

  function run(size, method, { windows, memory, isJudged = false }) {
    const id = `${size.join('-')}-${method[1]}-${windows}${isJudged ? '-judged' : ''}`;
    const kept = join(folder, 'runs', `${id}.json`);
    if (!existsSync(kept)) {
      const output = join(folder, 'pruned.onnx');
      const judged = isJudged ? ['--eval-data', tokens, '--eval-samples', String(windows)] : [];
      const data = ['--calibration', tokens, '--samples', String(windows), ...judged];
      const ending = ['--memory', memory, '--provider', 'cpu', '-o', output, '--force', '--json', '--quiet'];
      const load = loadavg()[0];
      const report = JSON.parse(node(['bin/scalpel.js', 'prune', modelOf(size), ...method, ...data, ...ending]));
      const { weights, selected, timing, quality, warnings } = report;
      const about = { size, method, windows, tokens: windows * windowLength, memory, load };
      writeFileSync(kept, JSON.stringify({ ...about, weights, selected, timing, quality, warnings }));
      for (const path of [output, `${output}.data`, `${output}.report`]) rmSync(path, { recursive: true, force: true });
    }
    const figures = JSON.parse(readFileSync(kept, 'utf8'));
    console.error(`${id}: ${figures.timing.totalSeconds.toFixed(1)} s`);
    return figures;
  }
  return { run };
}

/** The same ids every time, without a library of random numbers. */
function saveTokens(path) {
  let state = 1;
  const ids = Array.from({ length: mostWindows * windowLength }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % tokenIds;
  });
  saveNpy(path, int64([mostWindows, windowLength], ids));
}
