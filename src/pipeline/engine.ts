/** From an engine request to what every program of a job is compiled with. */
import { availableParallelism } from 'node:os';
import type { JobContext } from '../runtime/job-protocol.js';
import type { CompileOptions } from '../runtime/program.js';
import { type ProviderName, resolveProvider } from '../runtime/providers.js';
import type { EngineRequest } from './requests.js';

export interface Engine extends CompileOptions {
  readonly provider: ProviderName;
  readonly threads: number;
}

/**
 * The provider, settled once (`auto` says what it took and why not the others), and a thread count that
 * manifests can name.
 * @throws UserError when a provider asked for by name cannot start.
 */
export async function startEngine(request: EngineRequest, { emit }: JobContext): Promise<Engine> {
  const { providerOptions, threads = availableParallelism() } = request;
  const { name, reasons } = await resolveProvider(request.provider, { providerOptions, threads });
  if (request.provider === 'auto') {
    const [taken, ...others] = reasons;
    for (const text of [`provider ${taken}`, ...others.map((other) => `  ${other}`)]) {
      emit({ type: 'log', level: 'info', text });
    }
  }
  return { provider: name, threads, ...(providerOptions && { providerOptions }) };
}
