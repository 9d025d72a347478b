/** Where the time of a graph goes: the runtime's own profile, summed per op. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Graph, Value } from '../ir/types.js';
import type { Tensor } from '../tensor/tensor.js';
import { type CompileOptions, withProgram } from './program.js';

export interface OpTime {
  readonly op: string;
  /** The provider that ran it, as the runtime calls it: `CPUExecutionProvider`, `WebGpuExecutionProvider`, ... */
  readonly provider: string;
  /** Kernel calls over all runs. */
  readonly calls: number;
  readonly milliseconds: number;
}

/**
 * Runs `graph` once per entry of `samples` and returns the time of each op on each provider, longest first. Ops are those of
 * the optimised graph: fused ones have the runtime's names.
 * @throws UserError as `compile` and `run` do.
 */
export async function profile(
  graph: Graph,
  samples: Iterable<ReadonlyMap<Value, Tensor>>,
  options: CompileOptions = {},
): Promise<readonly OpTime[]> {
  const folder = mkdtempSync(join(tmpdir(), 'scalpel-profile-'));
  try {
    await withProgram(graph, { ...options, profile: join(folder, 'run') }, async (program) => {
      for (const fed of samples) await program.run(fed);
    });
    return readdirSync(folder).flatMap((file) => opTimes(JSON.parse(readFileSync(join(folder, file), 'utf8'))));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An event of the runtime's profile; `dur` is in microseconds. */
interface ProfileEvent {
  readonly cat?: string;
  readonly name?: string;
  readonly dur?: number;
  readonly args?: { readonly op_name?: string; readonly provider?: string };
}

/** Sums the kernel events of a profile by op and provider. */
export function opTimes(events: readonly ProfileEvent[]): readonly OpTime[] {
  const times = new Map<string, { op: string; provider: string; calls: number; milliseconds: number }>();
  for (const { cat, name, dur = 0, args } of events) {
    if (cat !== 'Node' || !name?.endsWith('_kernel_time') || !args?.op_name) continue;
    const { op_name: op, provider = '' } = args;
    const time = times.get(`${op} ${provider}`) ?? { op, provider, calls: 0, milliseconds: 0 };
    time.calls += 1;
    time.milliseconds += dur / 1000;
    times.set(`${op} ${provider}`, time);
  }
  return [...times.values()].sort((a, b) => b.milliseconds - a.milliseconds);
}
