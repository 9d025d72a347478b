/** Makes a fresh clone runnable with Node and npm alone: checks Node, installs what the lock file says, builds. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const lockFile = join(root, 'package-lock.json');

checkNode();
if (!isInstalled()) install();
run(process.execPath, [join(root, 'scripts/build.mjs')]);

function checkNode() {
  const wanted = [20, 19];
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > wanted[0] || (major === wanted[0] && minor >= wanted[1])) return;
  fail(`expected Node ${wanted.join('.')} or newer, got ${process.versions.node}; get it from https://nodejs.org`);
}

/** Whether node_modules holds every required package of the lock file in its version. */
function isInstalled() {
  const installedFile = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installedFile)) return false;
  if (!existsSync(lockFile)) return true;
  const installed = packagesOf(installedFile);
  // packages for other platforms are in the lock file and never in node_modules
  return Object.entries(packagesOf(lockFile)).every(
    ([path, wanted]) =>
      path === '' || (installed[path]?.version ?? (wanted.optional && wanted.version)) === wanted.version,
  );
}

function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

function install() {
  const command = existsSync(lockFile) ? 'ci' : 'install';
  console.error(`set-up: npm ${command} (about 530 MB on disk; needs the network)`);
  // the runtime's own install script would fetch CUDA libraries that a CPU run does not need
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };
  const npm = process.env.npm_execpath;
  const flags = [command, '--no-audit', '--no-fund', '--include=dev'];
  // npm names its own script; without one (the file was started by node itself) the one on the path is taken
  if (npm?.endsWith('.js')) run(process.execPath, [npm, ...flags], { env });
  else run('npm', flags, { env, shell: process.platform === 'win32' });
}

function run(command, args, options) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
  if (error) fail(`cannot start ${command}: ${error.message}`);
  if (status !== 0) fail(`${[command, ...args].join(' ')} ended with code ${status}; see its messages above`);
}

function fail(message) {
  console.error(`set-up: ${message}`);
  process.exit(1);
}
