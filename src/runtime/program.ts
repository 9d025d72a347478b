/** compile: the only bridge from graphs to numbers. */
import type { InferenceSession } from 'onnxruntime-node';
import { UserError, unsupported } from '../errors.js';
import { feeds } from '../ir/graph.js';
import type { Graph, Model, TensorType, Value } from '../ir/types.js';
import type { DataType } from '../tensor/dtype.js';
import type { Tensor } from '../tensor/tensor.js';
import { noted } from './flight-recorder.js';
import { keepRun } from './kept-call.js';
import { loadOrt } from './ort.js';
import { type ProviderName, resolveProvider } from './providers.js';
import { runtimeError } from './runtime-error.js';
import { openFile, openSession } from './session.js';
import { inRuntime } from './spent.js';
import { checkFeeds, fromOrt, toOrt, transferable } from './transfer.js';

export interface CompileOptions {
  /** Default `cpu`. */
  readonly provider?: ProviderName | 'auto';
  /** Handed to the provider, such as `{ deviceId: '1' }`. */
  readonly providerOptions?: Readonly<Record<string, string>>;
  /** Threads within an operator; default: the runtime's, one per core. Some sums depend on it in the last bit. */
  readonly threads?: number;
  /** Default `all`. */
  readonly optimization?: 'disabled' | 'basic' | 'extended' | 'all';
  /** Prefix of a file to which the runtime writes its profile when the program is released. */
  readonly profile?: string;
  /** Types of inputs that do not carry one, as after `extract`: what `annotate` returned. */
  readonly types?: ReadonlyMap<Value, TensorType>;
}

/** A compiled graph. Runs block the event loop while they last: plan none for more than about two seconds. */
export interface Program {
  /** What has to be fed. */
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /** Where it runs, after `auto` has chosen. */
  readonly provider: ProviderName;
  /**
   * All outputs for the given inputs. Inputs are read in place and not copied: leave them alone until the promise settles.
   * @throws UserError when the inputs are not those declared, when the runtime fails, or after `release`.
   */
  run(feeds: ReadonlyMap<Value, Tensor>): Promise<Map<Value, Tensor>>;
  /** Frees the session once the runs under way are done. May be called again. */
  release(): Promise<void>;
}

/**
 * A program that computes the outputs of `graph`. Weights that lie in a file stay there and are mapped by the runtime.
 * Release it, or use `withProgram`: the garbage collector frees sessions late.
 * @throws UserError when an input has no type, an output cannot leave the runtime, or the runtime refuses the graph.
 */
export const compile = (graph: Graph, options: CompileOptions = {}): Promise<Program> =>
  compileWith(graph, options, openSession);

/**
 * The same of a model's file as it lies: the runtime reads the whole of it itself, as in an application that is served the model.
 * @throws UserError as `compile`.
 */
export const compileFile = (model: Model, options: CompileOptions = {}): Promise<Program> =>
  compileWith(model.graph, options, (graph, settings) => openFile(graph, model.path, settings));

async function compileWith(graph: Graph, options: CompileOptions, open: typeof openSession): Promise<Program> {
  const { provider: wanted = 'cpu', providerOptions, types, ...settings } = options;
  const declared = declareInputs(graph, types);
  const { name: provider, providers } = await resolveProvider(wanted, { providerOptions, threads: options.threads });
  const session = await inRuntime('opening', () => open(declared, { ...settings, executionProviders: providers }));
  try {
    checkOutputs(session);
    return programOf(session, graph, declared, provider, options.profile !== undefined);
  } catch (error) {
    await session.release();
    throw error;
  }
}

/** Compiles, hands the program to `use`, and releases it whatever happens. */
export async function withProgram<T>(
  graph: Graph,
  options: CompileOptions,
  use: (program: Program) => Promise<T>,
): Promise<T> {
  const program = await compile(graph, options);
  try {
    return await use(program);
  } finally {
    await program.release();
  }
}

function programOf(
  session: InferenceSession,
  graph: Graph,
  declared: Graph,
  provider: ProviderName,
  isProfiling: boolean,
): Program {
  const inputs = feeds(graph);
  const types = declared.inputs.map(({ type }) => type);
  let pending: Promise<unknown> = Promise.resolve();
  let released: Promise<void> | undefined;

  const run = async (fed: ReadonlyMap<Value, Tensor>): Promise<Map<Value, Tensor>> => {
    const ort = await loadOrt();
    const given = inputs.map((input) => [input.name, toOrt(ort, fed.get(input) as Tensor)]);
    keepRun(declared, fed);
    try {
      const results = await inRuntime('running', () =>
        noted('ran', graph, () => session.run(Object.fromEntries(given))),
      );
      return new Map(graph.outputs.map((output) => [output, fromOrt(results[output.name] as never)]));
    } catch (error) {
      throw runtimeError(error);
    }
  };

  return {
    inputs,
    outputs: graph.outputs,
    provider,
    async run(fed) {
      if (released) throw new UserError('run', 'the program was released; compile the graph again');
      checkFeeds(inputs, types, fed);
      const result = run(fed);
      // without what the promises hold: results of all runs would live as long as the program
      pending = Promise.allSettled([pending, result]).then(() => undefined);
      return result;
    },
    release() {
      released ??= pending.then(async () => {
        if (isProfiling) session.endProfiling();
        await session.release();
      });
      return released;
    },
  };
}

/**
 * `graph` with a type on every input; nodes refer to values by name once encoded, so only the declarations change.
 * Initializers that an old file lists among the inputs are constants here: the runtime ignores a feed for them anyway.
 */
function declareInputs(graph: Graph, types: ReadonlyMap<Value, TensorType> | undefined): Graph {
  const inputs = feeds(graph).map((value) => {
    const type = value.type ?? types?.get(value);
    if (!type) {
      const advice = 'pass the types that annotate returns';
      throw new UserError('compile', `expected a type for input '${value.name}', got none; ${advice}`);
    }
    if (!transferable.has(type.dtype)) throw cannotCross('input', value.name, type.dtype);
    return { ...value, type };
  });
  return { ...graph, inputs };
}

/** Some types load but abort the process when fetched: refuse them before any run. */
function checkOutputs(session: InferenceSession): void {
  for (const output of session.outputMetadata) {
    if (!output.isTensor)
      throw unsupported(`output '${output.name}'`, 'expected a tensor, got a sequence, map or optional');
    if (!transferable.has(output.type as DataType)) throw cannotCross('output', output.name, output.type);
  }
}

const cannotCross = (kind: string, name: string, dtype: string): UserError =>
  unsupported(`${kind} '${name}'`, `${dtype} cannot cross the border to the runtime; cast it inside the graph`);
