/** The job of `scalpel merge`: the parts of one attack run as if it had been one. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type AttackName, type Goal, passesOf } from '../../attack/index.js';
import { UserError } from '../../errors.js';
import { hashFile } from '../../files/hash.js';
import type { AttackReport } from '../../report/attack-report.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import { findingsIn } from './arrays.js';
import { attackRun } from './attack-run.js';
import type { MergeRequest } from './merge-request.js';
import type { Pass } from './passes.js';
import { arraysFile } from './places.js';
import type { AttackRequest } from './request.js';

interface Part {
  readonly folder: string;
  readonly report: AttackReport;
  readonly request: AttackRequest;
}

export async function run(
  { parts: folders, output, engine: wanted, commandLine }: MergeRequest,
  context: JobContext,
): Promise<AttackReport> {
  const parts = folders.map(readPart);
  const whole = wholeOf(parts);
  const request: AttackRequest = { ...whole, output, commandLine, engine: { ...whole.engine, ...wanted } };
  await checkModel(parts, request, context.signal);
  return attackRun('merge', request, context, async ({ ground }) => {
    const goals = passesOf(request.wish, ground.network.classes);
    const passes = parts[0]!.report.attacks.flatMap(({ name, options }): Pass[] => {
      const attack = name as AttackName;
      const found = parts.map(({ folder }) => findingsIn(arraysFile(folder, attack), goals.length, ground));
      return goals.map((goal, g) => ({
        attack,
        options,
        goal,
        findings: found.flatMap((each) => each[g]!).sort((a, b) => a.id - b.id),
        ...timesOf(parts, name, goal, goals),
      }));
    });
    return { passes, leftOut: parts[0]!.report.leftOut };
  });
}

/** Of all parts together. */
function timesOf(parts: readonly Part[], name: string, goal: Goal, goals: readonly Goal[]) {
  const place = goals.indexOf(goal);
  const own = parts.flatMap(({ report }) => report.timing.attacks.filter((each) => each.name === name)[place] ?? []);
  return {
    milliseconds: 1000 * own.reduce((sum, { seconds }) => sum + seconds, 0),
    modelMilliseconds: 1000 * own.reduce((sum, { modelSeconds }) => sum + modelSeconds, 0),
  };
}

function readPart(folder: string): Part {
  const path = join(folder, 'report.json');
  const report = readReport(path);
  const request = report.request as AttackRequest;
  if (report.kind === 'attack' && request?.chunk) return { folder, report, request };
  throw new UserError(
    path,
    'expected the report of a part of an attack run, got another; make parts with scalpel attack --chunk',
  );
}

function readReport(path: string): AttackReport {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new UserError(
      path,
      'expected the report of an attack run, found none; name output folders of scalpel attack',
      { cause },
    );
  }
  try {
    return Object(JSON.parse(text)) as AttackReport;
  } catch (cause) {
    throw new UserError(path, 'expected JSON as scalpel attack writes it, got something else; attack that part again', {
      cause,
    });
  }
}

/** The request that all parts are parts of. @throws UserError when they differ, one is missing, or one stands twice. */
function wholeOf(parts: readonly Part[]): AttackRequest {
  const [first] = parts as readonly [Part];
  const wanted = first.request.chunk!.parts;
  const comparable = ({ request: { chunk: _, output: __, commandLine: ___, engine, ...rest } }: Part) => ({
    ...rest,
    batch: engine.batch,
  });
  for (const part of parts) {
    const differs = part.request.chunk!.parts !== wanted || !isDeepStrictEqual(comparable(part), comparable(first));
    if (differs)
      throw new UserError(
        part.folder,
        `expected a part of the same run as ${first.folder}, got one with other settings; attack that part again`,
      );
  }
  const taken = parts.map(({ request }) => request.chunk!.index);
  const twice = taken.find((index, i) => taken.indexOf(index) !== i);
  if (twice !== undefined)
    throw new UserError('merge', `expected every part once, got part ${twice + 1} twice; leave one out`);
  const missing = Array.from({ length: wanted }, (_, i) => i).filter((index) => !taken.includes(index));
  if (missing.length > 0)
    throw new UserError(
      'merge',
      `expected all ${wanted} parts, got none of ${missing.map((index) => index + 1).join(', ')}; add their folders`,
    );
  const { chunk: _, ...whole } = first.request;
  return whole;
}

/** @throws UserError when the model is not the one that was attacked. */
async function checkModel(parts: readonly Part[], { model }: AttackRequest, signal: AbortSignal): Promise<void> {
  const now = await hashFile(model, signal);
  const other = parts.find(({ report }) => report.model.file.sha256 !== now);
  if (other) throw new UserError(model, `expected the model that ${other.folder} attacked, got another; put it back`);
}
