/** The tables of the scale study in Markdown. */
import { markdownTable } from './markdown-table.mjs';

/** @param whole runs with evaluation @param bySize, byTokens runs without, smallest first */
export const figures = (
  whole,
  bySize,
  byTokens,
) => `Seconds by stage, of them inside ONNX Runtime in brackets; peak memory is that of the job process (VmHWM).

${stages(whole)}

${whole.map(({ load }) => load).some((load) => load > 1) ? 'The load before each run, which is mostly that of the run before, was ' : 'Load before each run: '}${whole.map(({ load }) => load.toFixed(1)).join(', ')}.

Wanda 2:4 on 8 windows of 256 tokens, \`--memory 1GB\`:

![time and memory against weights](scale-weights.svg)

${growth(bySize)}

Wanda 2:4 on the second of these models, by the number of tokens:

![time and memory against tokens](scale-tokens.svg)

${growth(byTokens)}
`;

const names = ['evaluate before', 'prune', 'evaluate after', 'save', 'measure sizes', 'measure latency'];

function stages(runs) {
  const rows = runs.map(({ size, method, weights, timing }) => [
    `${size[0]}, ${millions(weights)}`,
    `${method[1]} ${method[3]}`,
    ...names.map((name) => stageOf(timing, name)),
    timing.totalSeconds.toFixed(0),
    `${(timing.peakMemoryBytes / 1e9).toFixed(2)} GB`,
  ]);
  return markdownTable(['model', 'method', ...names, 'total', 'peak'], rows);
}

function stageOf({ stages: all }, name) {
  const found = all.find(({ stage }) => stage === name);
  if (!found || found.seconds < 0.05) return '-';
  const inside = found.runtimeSeconds > 0.05 ? ` (${found.runtimeSeconds.toFixed(1)})` : '';
  return `${found.seconds.toFixed(1)}${inside}`;
}

const growth = (runs) =>
  markdownTable(
    ['weights', 'tokens', 'prune', 'of it outside the runtime', 'save and sizes', 'peak'],
    runs.map(({ weights, tokens, timing }) => {
      const stage = (name) => timing.stages.find((each) => each.stage === name);
      const prune = stage('prune');
      return [
        millions(weights),
        tokens,
        `${prune.seconds.toFixed(1)} s`,
        `${(prune.seconds - prune.runtimeSeconds).toFixed(1)} s`,
        `${(stage('save').seconds + stage('measure sizes').seconds).toFixed(1)} s`,
        `${(timing.peakMemoryBytes / 1e6).toFixed(0)} MB`,
      ];
    }),
  );

const millions = ({ before: { total } }) => `${(total / 1e6).toFixed(0)} M`;
