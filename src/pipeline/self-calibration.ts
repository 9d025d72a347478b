/** Calibration text that a language model says itself, where there is no other. */
import { contextLength } from '../data/context-length.js';
import { languageInputs, type Samples } from '../data/index.js';
import { rowsOf } from '../data/rows.js';
import { UserError } from '../errors.js';
import { logitsOf } from '../evaluate/logits.js';
import type { Graph, Value } from '../ir/types.js';
import { builderFor } from '../ops/builder.js';
import type { RunDirectory } from '../run/run-directory.js';
import type { JobContext } from '../runtime/job-protocol.js';
import { type CompileOptions, withProgram } from '../runtime/program.js';
import { floatsOf } from '../tensor/convert.js';
import { random } from '../tensor/random.js';
import { int64, type Tensor } from '../tensor/tensor.js';
import type { DataRequest } from './requests.js';

/** The word that stands where files would. */
export const self = 'self';

export const isSelf = (request: DataRequest | undefined): boolean =>
  request?.files.length === 1 && request.files[0] === self;

const defaults = { windows: 128, longest: 2048, seqLen: 128, batch: 32 };

/** @throws UserError for what is no language model. */
export function selfPlan(graph: Graph, { samples = defaults.windows, seqLen, seed = 0, map }: DataRequest) {
  const language = languageInputs(graph, map);
  if (!language || language.others.length > 0) {
    throw new UserError(
      self,
      '--calibration self expected a language model that takes token ids alone, got another; name files',
    );
  }
  const positions = [...language.roles].find(([, role]) => role === 'position_ids')?.[0];
  const context = contextLength(graph, positions);
  const fallback = context === undefined ? defaults.seqLen : Math.min(context, defaults.longest);
  const length = language.fixedSeqLen ?? seqLen ?? fallback;
  if (context !== undefined && length > context) {
    throw new UserError(
      self,
      `expected windows of at most ${context} tokens, the positions the model knows, got ${length}; give a smaller --seq-len`,
    );
  }
  const description = `${samples} windows of ${length} tokens sampled from the model itself at temperature 1, seed ${seed}`;
  return { language, windows: samples, seqLen: length, seed, description };
}

/** The windows, drawn once: a resumed run and other processes read them from the run directory. */
export async function drawSelf(
  graph: Graph,
  request: DataRequest,
  engine: CompileOptions,
  run: RunDirectory,
  context: JobContext,
): Promise<Samples> {
  const plan = selfPlan(graph, request);
  const { language, windows, seqLen, description } = plan;
  const name = 'self-calibration';
  const known = await run.checkpoint(name);
  const step = known ?? (await run.write(name, new Map([['tokens', await sampled(graph, plan, engine, context)]]), {}));
  const tokens = step.tensors.get('tokens') as Tensor;
  const { fixedBatch } = language;
  return {
    count: windows,
    tokens,
    batch: (from, to) => language.fill(rowsOf(tokens, from, to, fixedBatch)),
    ...(fixedBatch !== undefined && { fixedBatch }),
    provenance: { files: [], description, seqLen, samples: windows },
  };
}

/**
 * The first token of a window is any, with equal chance; each next one is drawn from what the model predicts (Liu et al., LLM-QAT:
 * data-free quantization aware training for large language models, arXiv 2305.17888, whose first few are the likeliest).
 */
async function sampled(
  graph: Graph,
  { language, windows, seqLen, seed }: ReturnType<typeof selfPlan>,
  engine: CompileOptions,
  { emit, signal }: JobContext,
): Promise<Tensor> {
  const { graph: next, position, logits } = nextToken(graph);
  const size = language.fixedBatch ?? Math.min(defaults.batch, windows);
  const draws = random(seed, 'self calibration');
  const ids = new BigInt64Array(windows * seqLen);
  const types = new Map([[position, { dtype: 'int64' as const, shape: [] }]]);
  await withProgram(next, { ...engine, types }, async (program) => {
    for (let from = 0; from < windows; from += size) {
      const rows = Math.min(size, windows - from);
      for (let t = 0; t < seqLen; t++) {
        signal.throwIfAborted();
        emit({
          type: 'progress',
          stage: 'sample text',
          done: from * seqLen + t * rows,
          total: windows * seqLen,
          unit: 'tokens',
        });
        const fed = language.fill(prefix(ids, from, size, Math.max(1, t), seqLen, language.fixedSeqLen, windows));
        const feeds = new Map<Value, Tensor>([...fed, [position, int64([], [Math.max(0, t - 1)])]]);
        const scores = floatsOf((await program.run(pick(feeds, program.inputs))).get(logits)!);
        const classes = scores.length / size;
        for (let row = 0; row < rows; row++) {
          const at = (from + row) * seqLen + t;
          const u = draws.uniform(at);
          const own = scores.subarray(row * classes, (row + 1) * classes);
          ids[at] = BigInt(t === 0 ? Math.floor(u * classes) : drawn(own, u));
        }
      }
    }
  });
  return int64([windows, seqLen], [...ids]);
}

/** The first `length` tokens of some windows; up to `fixed` of them where the model wants so many, the rest being any. */
function prefix(
  ids: BigInt64Array,
  from: number,
  rows: number,
  length: number,
  seqLen: number,
  fixed: number | undefined,
  windows: number,
): Tensor {
  const columns = fixed ?? length;
  const values = new BigInt64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const start = Math.min(from + row, windows - 1) * seqLen;
    values.set(ids.subarray(start, start + columns), row * columns);
  }
  return int64([rows, columns], [...values]);
}

const pick = (fed: ReadonlyMap<Value, Tensor>, inputs: readonly Value[]): Map<Value, Tensor> => {
  const byName = new Map([...fed].map(([{ name }, t]) => [name, t]));
  return new Map(inputs.map((input) => [input, byName.get(input.name) as Tensor]));
};

/** The logits at one position, [batch, vocabulary]. */
function nextToken(graph: Graph): { graph: Graph; position: Value; logits: Value } {
  const g = builderFor(graph, 'sample');
  const position = g.value('position', { dtype: 'int64', shape: [] });
  const all = logitsOf(graph, 3);
  const logits = g.op('Gather', [all, position], { axis: 1 });
  const whole = g.appendTo({ ...graph, outputs: [] }, [logits]);
  return { graph: { ...whole, inputs: [...graph.inputs, position] }, position, logits };
}

/** The class in which `u` falls when softmax probabilities are laid end to end. */
function drawn(logits: Float32Array, u: number): number {
  const largest = logits.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const weights = Float64Array.from(logits, (value) => Math.exp(value - largest));
  let left = u * weights.reduce((sum, weight) => sum + weight, 0);
  for (let i = 0; i < weights.length; i++) {
    left -= weights[i]!;
    if (left < 0) return i;
  }
  return weights.length - 1;
}
