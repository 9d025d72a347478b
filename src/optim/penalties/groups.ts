/** Groups of elements that live and die together, as labels: such as the superpixels of an image. */

/** The group of each element, 0 or more; below 0 for an element in none, which stays free. Groups may have any size, 0 too. */
export type Labels = Int32Array;

export interface Groups {
  /** Indices of the elements of each group. */
  readonly members: readonly Int32Array[];
  /** Indices of the elements in none. */
  readonly loose: Int32Array;
}

/** The labels of one channel as those of all: groups reach over the channels. */
export function overChannels(labels: Labels, channels: number): Labels {
  const result = new Int32Array(labels.length * channels);
  for (let c = 0; c < channels; c++) result.set(labels, c * labels.length);
  return result;
}

export function groupsOf(labels: Labels): Groups {
  const count = labels.reduce((most, label) => Math.max(most, label), -1) + 1;
  const sizes = new Int32Array(count);
  let grouped = 0;
  for (const label of labels) {
    if (label < 0) continue;
    sizes[label]!++;
    grouped++;
  }
  const members = Array.from(sizes, (size) => new Int32Array(size));
  const loose = new Int32Array(labels.length - grouped);
  const filled = new Int32Array(count + 1);
  labels.forEach((label, i) => {
    if (label < 0) loose[filled[count]!++] = i;
    else (members[label] as Int32Array)[filled[label]!++] = i;
  });
  return { members, loose };
}

/** The Euclidean norm of some elements of x. */
export function normOf(x: Float32Array, members: Int32Array): number {
  let square = 0;
  for (const i of members) square += (x[i] as number) ** 2;
  return Math.sqrt(square);
}
