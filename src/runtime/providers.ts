/** Which provider a graph runs on: whether it starts here, and whether it is worth taking. */
import type { InferenceSession } from 'onnxruntime-node';
import { UserError } from '../errors.js';
import { type Provider, type ProviderName, providerNames, providers } from './provider-catalogue.js';
import { measureProduct, type ProductMeasure, probeGraph } from './provider-probe.js';
import { openSession } from './session.js';
import { isLibraryMissing } from './shared-library.js';

export { type ProviderName, providerNames, providers } from './provider-catalogue.js';

export interface ProviderOptions {
  readonly providerOptions?: Readonly<Record<string, string>> | undefined;
  readonly threads?: number | undefined;
}

export interface ResolvedProvider {
  readonly name: ProviderName;
  /** For the runtime: the provider, then the CPU for ops that it lacks. */
  readonly providers: readonly InferenceSession.ExecutionProviderConfig[];
  /** What was taken and why not the others, a line each. */
  readonly reasons: readonly string[];
}

/**
 * The provider called `name`, started once to see that it can; for `auto` the first GPU whose 512 x 512 x 512 product agrees
 * with the CPU's and is faster, else the CPU. Asked again, it answers from memory.
 * @throws UserError when a named provider cannot start, with what is missing and how to get it.
 */
export function resolveProvider(name: ProviderName | 'auto', options: ProviderOptions = {}): Promise<ResolvedProvider> {
  const key = JSON.stringify([name, options]);
  const known = resolved.get(key) ?? (name === 'auto' ? choose(options) : start(name, options));
  resolved.set(key, known);
  return known;
}

const resolved = new Map<string, Promise<ResolvedProvider>>();

async function start(name: ProviderName, options: ProviderOptions): Promise<ResolvedProvider> {
  const absence = notHere(name);
  if (absence !== null) {
    const here = providerNames.filter((other) => notHere(other) === null).join(', ');
    throw new UserError(`--provider ${name}`, `${absence}; use one of ${here}`);
  }
  const reason = await failure(name, options);
  if (reason !== null) {
    const { needs, get } = providers[name];
    throw new UserError(`--provider ${name}`, `expected ${needs}, got '${reason}'; ${get}, or use --provider cpu`);
  }
  return { name, providers: configs(name, options), reasons: [`${name}: taken, as asked`] };
}

async function choose(options: ProviderOptions): Promise<ResolvedProvider> {
  const cpu = await measureProduct({ executionProviders: ['cpu'], ...threadsOf(options) });
  const reasons: string[] = [];
  for (const name of providerNames) {
    if (name === 'cpu') continue;
    const reason = providers[name].isAutomatic ? await whyNotTake(name, cpu, options) : 'only taken by name';
    if (reason === null) {
      return { name, providers: configs(name, options), reasons: [`${name}: taken, faster than the CPU`, ...reasons] };
    }
    reasons.push(`${name}: not taken, ${reason}`);
  }
  return { name: 'cpu', providers: configs('cpu', options), reasons: ['cpu: taken', ...reasons] };
}

async function whyNotTake(name: ProviderName, cpu: ProductMeasure, options: ProviderOptions): Promise<string | null> {
  const reason = notHere(name) ?? (await failure(name, options));
  if (reason !== null) return reason;
  const gpu = await measureProduct({ executionProviders: configs(name, options) }).catch(messageOf);
  if (typeof gpu === 'string') return gpu;
  const error = largestDifference(gpu.product, cpu.product);
  if (!(error <= 1e-3)) return `its product differs from the CPU's by ${error.toPrecision(2)}`;
  // by a clear margin: where the provider hands the product on to the CPU, the times differ by chance
  if (gpu.milliseconds > 0.8 * cpu.milliseconds) {
    return `its product takes ${gpu.milliseconds.toFixed(1)} ms, the CPU's ${cpu.milliseconds.toFixed(1)} ms`;
  }
  return null;
}

/** Null where the installed runtime has the provider, else where it does. */
function notHere(name: ProviderName): string | null {
  const { platforms }: Provider = providers[name];
  const here = `${process.platform}-${process.arch}`;
  if (!platforms || platforms.includes(here)) return null;
  return `expected ${platforms.join(' or ')}, got ${here}`;
}

/** Null when the provider starts, else what the runtime says. The CPU needs no trial: every graph falls back to it. */
async function failure(name: ProviderName, options: ProviderOptions): Promise<string | null> {
  if (name === 'cpu') return null;
  const { library }: Provider = providers[name];
  if (library && isLibraryMissing(library)) return `${library} was not found`;
  try {
    const session = await openSession(probeGraph(1), { executionProviders: configs(name, options) });
    await session.release();
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

function configs(name: ProviderName, { providerOptions }: ProviderOptions): InferenceSession.ExecutionProviderConfig[] {
  const given = Object.entries(providerOptions ?? {}).map(([key, value]) => [key, plain(value)]);
  const config = given.length > 0 ? { name, ...Object.fromEntries(given) } : name;
  return name === 'cpu' ? [config] : [config, 'cpu'];
}

/** The runtime wants numbers and booleans as such; the command line has only text. */
function plain(value: string): string | number | boolean {
  if (/^\d+$/.test(value)) return Number(value);
  return value === 'true' ? true : value === 'false' ? false : value;
}

const threadsOf = ({ threads }: ProviderOptions): { threads?: number } => (threads === undefined ? {} : { threads });

const messageOf = (error: unknown): string => (error as Error).message;

const largestDifference = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), 0);
