/** The page of the study of forms. */

/** @param {readonly { name: string, makes: readonly string[][], command: string[], titles: string[], rows: string[][], left: { name: string, reason: string }[], rounds: number, loads: number, saturates: boolean }[]} models */
export const formsPage = (models) =>
  `${[
    '# Forms beside each other',
    [
      'One model through all targets of [`scalpel convert`](convert.md), by `node scripts/study-forms.mjs`: the bundled GPT (3.5 M weights, windows of 128',
      'tokens), as it is and pruned so that every target fits it. Everything is measured on this project’s small machine: two cores, no GPU, ONNX Runtime',
      'on the CPU. Time, paired: median over that of the first row in the same round, and its interval at 95 %. Memory is what loading and running adds to a',
      'process at its peak. Output error: ‖a − b‖ / ‖a‖ of the logits on 100 windows of held-out text.',
    ].join('\n'),
    ...models.map(section),
  ].join('\n\n')}\n`;

const section = ({ name, makes, command, titles, rows, left, rounds, loads, saturates }) =>
  [
    `## The GPT ${name}`,
    fenced([...makes.map((make) => ['scalpel', ...make]), command]),
    `Times of ${rounds} rounds; loads of ${loads} fresh processes each.${saturates ? saturated : ''}`,
    table(titles, rows),
    ...(left.length > 0
      ? [`Not made: ${left.map(({ name: form, reason }) => `\`${form}\` (${reason})`).join('; ')}.`]
      : []),
  ].join('\n\n');

const saturated =
  ' The processor has AVX2 but no VNNI: there sums of products with eight-bit activations saturate, and `int8` with such activations is further off than on others ([`bits=7`](quantised.md) avoids it).';

const fenced = (commands) => ['```sh', ...commands.map((words) => words.map(quoted).join(' ')), '```'].join('\n');
const quoted = (word) => (/[*?]/.test(word) ? `'${word}'` : word);

const table = (titles, rows) =>
  [
    `| ${titles.join(' | ')} |`,
    `| --- |${' ---: |'.repeat(titles.length - 1)}`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');
