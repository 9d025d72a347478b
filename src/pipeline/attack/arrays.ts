/** The examples of an attack as arrays of an .npz file: what programs read, and what merging goes by. */
import type { Finding, OpenGround, Subjects } from '../../attack/index.js';
import { UserError } from '../../errors.js';
import { concatenated, pick } from '../../oracle/packed.js';
import { channelsBehind, channelsFirst } from '../../oracle/space.js';
import { floatsOf } from '../../tensor/convert.js';
import { loadNpz } from '../../tensor/npz.js';
import { dataOf, float32, int64, type Tensor, tensor } from '../../tensor/tensor.js';
import type { Pass } from './passes.js';

/**
 * A row a pair of example and goal, goals one after the other: `clean` and `adversarial` as the model takes them, `sample` (its number in
 * the data), `pass` (the number of the goal), `label`, `goal` (the label to reach or leave), `predicted`, `success`, and what it cost.
 */
export function arraysOf(passes: readonly Pass[], { network, subjects }: OpenGround): Map<string, Tensor> {
  const { space, sizes } = network;
  const rows = passes.flatMap(({ findings }, pass) => findings.map((finding) => ({ pass, finding })));
  const places = new Map(subjects.ids.map((id, place) => [id, place]));
  const examples = (values: Float32Array): Tensor =>
    float32([rows.length, ...sizes], space.channelsLast ? channelsBehind(values, space) : values);
  const whole = (of: (finding: Finding) => number): Tensor =>
    int64(
      [rows.length],
      rows.map(({ finding }) => of(finding)),
    );
  const floats = (of: (finding: Finding) => number): Tensor =>
    tensor(
      'float64',
      [rows.length],
      Float64Array.from(rows, ({ finding }) => of(finding)),
    );
  const truths = (of: (finding: Finding) => boolean): Tensor =>
    tensor(
      'bool',
      [rows.length],
      Uint8Array.from(rows, ({ finding }) => Number(of(finding))),
    );
  const isRounded = rows.some(({ finding }) => finding.roundedSuccess !== undefined);
  return new Map([
    [
      'clean',
      examples(
        pick(
          subjects.inputs,
          space.size,
          rows.map(({ finding }) => places.get(finding.id)!),
        ),
      ),
    ],
    ['adversarial', examples(concatenated(rows.map(({ finding }) => finding.adversarial)))],
    ['sample', whole(({ id }) => id)],
    [
      'pass',
      int64(
        [rows.length],
        rows.map(({ pass }) => pass),
      ),
    ],
    ['label', whole(({ label }) => label)],
    ['goal', whole(({ goal }) => goal)],
    ['predicted', whole(({ predicted }) => predicted)],
    ['success', truths(({ success }) => success)],
    ...(isRounded ? [['rounded_success', truths(({ roundedSuccess }) => roundedSuccess ?? false)] as const] : []),
    ['margin', floats(({ margin }) => margin)],
    ['forwards', whole(({ forwards }) => forwards)],
    ['backwards', whole(({ backwards }) => backwards)],
    ['seconds', floats(({ seconds }) => seconds)],
  ]);
}

/**
 * The findings of such a file, by pass.
 * @throws UserError when it is another file, or not of these subjects.
 */
export function findingsIn(path: string, passes: number, { network, subjects }: OpenGround): Finding[][] {
  const arrays = loadNpz(path);
  const column = (name: string): Tensor => {
    const found = arrays.get(name);
    if (found) return found;
    throw new UserError(
      path,
      `expected an array '${name}' as scalpel attack writes, got ${[...arrays.keys()].join(', ')}`,
    );
  };
  const numbers = (name: string): number[] => Array.from(dataOf(column(name)), Number);
  const raw = floatsOf(column('adversarial'));
  const { space } = network;
  const all = space.channelsLast ? channelsFirst(raw, space) : raw;
  const [ids, pass, label, goal] = ['sample', 'pass', 'label', 'goal'].map(numbers) as [
    number[],
    number[],
    number[],
    number[],
  ];
  if (all.length !== ids.length * space.size)
    throw new UserError(
      path,
      `expected examples of ${space.size} values, got ${all.length} for ${ids.length}; attack the parts with the same model`,
    );
  checkKnown(path, ids, subjects);
  const [predicted, success, margin] = ['predicted', 'success', 'margin'].map(numbers) as [
    number[],
    number[],
    number[],
  ];
  const [forwards, backwards, seconds] = ['forwards', 'backwards', 'seconds'].map(numbers) as [
    number[],
    number[],
    number[],
  ];
  const rounded = arrays.has('rounded_success') ? numbers('rounded_success') : undefined;
  const made: Finding[][] = Array.from({ length: passes }, () => []);
  ids.forEach((id, i) => {
    made[pass[i]!]?.push({
      id,
      label: label[i]!,
      goal: goal[i]!,
      success: success[i] === 1,
      ...(rounded && { roundedSuccess: rounded[i] === 1 }),
      predicted: predicted[i]!,
      margin: margin[i]!,
      forwards: forwards[i]!,
      backwards: backwards[i]!,
      seconds: seconds[i]!,
      adversarial: all.slice(i * space.size, (i + 1) * space.size),
    });
  });
  return made;
}

function checkKnown(path: string, ids: readonly number[], subjects: Subjects): void {
  const known = new Set(subjects.ids);
  const stranger = ids.find((id) => !known.has(id));
  if (stranger !== undefined)
    throw new UserError(
      path,
      `expected examples that the model gets right, got sample ${stranger}; attack the parts with the same model and data`,
    );
}
