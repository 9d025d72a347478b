/** Memory of a gradient run of the GPT against its activations; many steps of Adam in one Loop against as many runs. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { adam, networks, steps } from './gradient-memory-work.mjs';
import { inTurn, machine, rounded } from './measure.mjs';

export async function* gradientMemory() {
  const { peak, added, activations, tokens } = measure('gpt');
  const context = `all weight gradients, ${tokens} tokens, first run; resident before it ${rounded(peak - added)} MB; ${machine}`;
  yield { name: 'GPT, peak of the process', value: rounded(peak), unit: 'MB', context };
  yield { name: 'GPT, added by the run at its peak', value: rounded(added), unit: 'MB', context };
  const outputs = 'outputs of all nodes of the forward pass, views included';
  yield { name: 'GPT, sum of activations', value: rounded(activations), unit: 'MB', context: outputs };
  yield { name: 'GPT, added / activations', value: rounded(added / activations), unit: 'ratio', context };
  for (const network of Object.keys(networks)) yield* adamFigures(network);
}

async function* adamFigures(network) {
  const works = [await adam(network, 'loop'), await adam(network, 'runs')];
  const rounds = 3;
  const [loop, runs] = await inTurn(
    works.map(({ work }) => work),
    rounds,
  );
  for (const { release } of works) await release();
  const context = `${steps} steps: Loop ${rounded(loop)} ms, runs ${rounded(runs)} ms, medians of ${rounds} in turn; ${machine}`;
  const name = `Adam, ${network}`;
  yield { name: `${name}, Loop / runs`, value: rounded(loop / runs), unit: 'ratio', context };
  for (const [kind, remark] of Object.entries(kinds)) {
    const { added } = measure('adam', network, kind);
    const context = `at the peak of ${steps} steps${remark}`;
    yield { name: `${name}, memory added, ${kind}`, value: rounded(added), unit: 'MB', context };
  }
}

/** Results of earlier runs are garbage, which Node leaves lying for long: what the runs need is seen when it is collected at once. */
const kinds = {
  loop: '',
  runs: ', garbage of earlier runs included',
  collected: ', a run each, garbage collected after each',
};

/** In a process of its own, so that its memory is its own. */
function measure(...args) {
  const path = fileURLToPath(new URL('./gradient-memory-work.mjs', import.meta.url));
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--expose-gc', path, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
