/** Loading and saving a model of 400 MB against copying its file: time, and memory added at the peak. */
import { spawnSync } from 'node:child_process';
import { copyFile, mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { machine, median, milliseconds, rounded } from './measure.mjs';

export async function* files() {
  const folder = await mkdtemp(join(tmpdir(), 'scalpel-bench-'));
  try {
    const [from, to] = [join(folder, 'model.onnx'), join(folder, 'out.onnx')];
    const { load, saveCopy } = await import('./files-work.mjs');
    run('./files-model.mjs', from);
    const { size } = await stat(from);
    const context = `${Math.round(size / 1e6)} MB, 100 tensors, 2200 nodes; ${machine}`;

    const works = [
      () => load(from),
      () => copyFile(from, to),
      () => copyFile(from, to).then(() => sync(to)),
      () => streamCopy(from, to),
      () => saveCopy(from, to, 0),
      () => saveCopy(from, to, 2),
    ];
    const times = works.map(() => []);
    for (let round = 0; round < 6; round++) {
      for (const [i, work] of works.entries()) {
        // what the last one left to be written must not slow the next
        await rm(to, { force: true });
        spawnSync('sync');
        const time = await milliseconds(work);
        if (round > 0) times[i].push(time);
      }
    }
    const [loading, copy, synced, streamed, untouched, edited] = times.map(median);
    const seconds = (name, time, more) => ({ name, value: rounded(time / 1000), unit: 's', context: more });
    yield seconds('load', loading, context);
    yield seconds('copyFile', copy, `nothing waits for the disk; ${context}`);
    yield seconds('copyFile and fsync', synced, context);
    yield seconds('copy by reads and writes of 4 MiB, and fsync', streamed, context);
    yield seconds('load and save, untouched', untouched, `${ratio(untouched, synced)} copyFile and fsync; ${context}`);
    yield seconds(
      'load and save, two initializers edited',
      edited,
      `${ratio(edited, streamed)} the copy by reads and writes; ${context}`,
    );
    for (const [edits, name] of [
      [0, 'untouched'],
      [2, 'two initializers edited'],
    ]) {
      yield { name: `peak memory added, ${name}`, value: addedMegabytes(from, to, edits), unit: 'MB', context };
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

const ratio = (a, b) => `${rounded(a / b)} times`;

async function sync(path) {
  const handle = await open(path, 'r+');
  await handle.sync();
  await handle.close();
}

async function streamCopy(from, to) {
  const [input, output] = [await open(from, 'r'), await open(to, 'wx')];
  const buffer = new Uint8Array(4 * 1024 * 1024);
  for (;;) {
    const { bytesRead } = await input.read(buffer, 0, buffer.length);
    if (bytesRead === 0) break;
    await output.write(buffer, 0, bytesRead);
  }
  await output.sync();
  await Promise.all([input.close(), output.close()]);
}

/** Growth of the resident set at its highest, in MB. */
const addedMegabytes = (from, to, edits) => Number(run('./files-work.mjs', from, to, `${edits}`));

/** What a script prints, run in a process of its own: its memory is its own too. */
function run(script, ...args) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { stdout, stderr, status } = spawnSync(process.execPath, [path, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}
