/** Runs of the command line for a study: each is made once, its figures are kept in a folder, and several go on at a time. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param {string} root of the project @param {string} folder where figures stay
 * @returns `run(id, args)`: what `scalpel` reports for these arguments (without `--output`), from the folder when it was made before
 */
export function studyRuns(root, folder) {
  mkdirSync(folder, { recursive: true });
  return async (id, args, keep = figuresOf) => {
    const path = join(folder, `${id}.json`);
    if (!existsSync(path)) {
      const output = join(folder, `${id}.onnx`);
      const report = await scalpel(root, [...args, '--output', output, '--force', '--json', '--quiet']);
      for (const made of [output, `${output}.data`, `${output}.report`]) rmSync(made, { recursive: true, force: true });
      writeFileSync(path, JSON.stringify(keep(report)));
    }
    const figures = JSON.parse(readFileSync(path, 'utf8'));
    console.error(`${id}: ${figures.quality?.before} -> ${figures.quality?.after}`);
    return figures;
  };
}

/** Loss curves and layers are left out: they are large and no table shows them. */
function figuresOf({ quality, selected, timing, settings, reconstruction }) {
  const { totalSeconds, peakMemoryBytes, stages } = timing;
  const errors = reconstruction?.regions.map(({ name, error }) => ({ name, error }));
  return { quality, selected, timing: { totalSeconds, peakMemoryBytes, stages }, settings, errors };
}

export function scalpel(root, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['bin/scalpel.js', ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [out, err] = [[], []];
    child.stdout.on('data', (part) => out.push(part));
    child.stderr.on('data', (part) => err.push(part));
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(Buffer.concat(out).toString()));
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
