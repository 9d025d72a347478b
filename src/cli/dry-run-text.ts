/** What a dry run found, as text for the terminal. */
import type { DryRun } from '../pipeline/dry-run/dry-run.js';
import { bytes, duration, plural } from '../report/format.js';
import { textTable } from '../report/table.js';
import { visible } from '../report/visible.js';

/** @returns without a line break at its end. */
export function dryRunText(found: Omit<DryRun, 'kind'>): string {
  const { estimate, unsupported, warnings, problems } = found;
  return [
    inputText(found),
    outputText(found),
    unsupported.length > 0 && unsupportedText(found),
    estimate && estimateText(found),
    warnings.length > 0 && warnings.map((warning) => `warning: ${visible(warning)}`).join('\n'),
    problems.map(({ message }) => `problem: ${visible(message)}`).join('\n'),
    verdict(found),
  ]
    .filter((section) => section !== false && section !== undefined && section !== '')
    .join('\n\n');
}

const right = 'right';

function inputText({ inputs, data }: Pick<DryRun, 'inputs' | 'data'>): string {
  const files = inputs.map((file) => `reads ${visible(file.path)}, ${bytes(file.bytes)}`);
  const samples = data.map(
    ({ role, count, description }) => `${role}: ${plural(count, 'sample')} (${visible(description)})`,
  );
  return [...files, ...samples].join('\n');
}

const outputText = ({ outputs }: Pick<DryRun, 'outputs'>): string =>
  outputs
    .map(({ path, bytes: size, exists }) => {
      const length = size === undefined ? '' : `, ${bytes(size)}`;
      return `would write ${visible(path)}${length}${exists ? ', which exists' : ''}`;
    })
    .join('\n');

const unsupportedText = ({ unsupported }: Pick<DryRun, 'unsupported'>): string =>
  textTable(
    [{ title: 'unsupported' }, { title: 'nodes', align: right }, { title: 'first' }, { title: 'reason' }],
    unsupported.map(({ op, count, node, reason }) => [op, String(count), node, reason]),
  );

function estimateText({ estimate, machine }: Pick<DryRun, 'estimate' | 'machine'>): string {
  if (!estimate) return '';
  const { parts, seconds, memoryBytes, diskBytes } = estimate;
  const { availableMemoryBytes, plannedMemoryBytes, freeDiskBytes } = machine;
  const available = `${bytes(availableMemoryBytes)} available, planned with ${bytes(plannedMemoryBytes)}`;
  const free = freeDiskBytes === undefined ? '' : `${bytes(freeDiskBytes)} free`;
  return textTable(
    [{ title: 'estimate' }, { title: 'about', align: right }, { title: 'of' }],
    [
      ...parts.map((part) => [part.what, duration(part.seconds), '']),
      ['time in all', duration(seconds), ''],
      ['memory', bytes(memoryBytes), available],
      ...(diskBytes > 0 ? [['disk', bytes(diskBytes), free]] : []),
    ],
  );
}

const verdict = ({ command, exitCode }: Pick<DryRun, 'command' | 'exitCode'>): string =>
  exitCode === 0
    ? `${command} would go through; nothing was written`
    : `${command} would end with exit code ${exitCode}; nothing was written`;
