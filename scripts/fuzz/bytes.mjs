/** Mutations that know nothing of a format: bits, runs, numbers at the edge of their range, splices. */

const edges = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0x0badf00d];

const mutations = [
  (bytes, random) => edited(bytes, (copy) => (copy[random.below(copy.length)] ^= 1 << random.below(8))),
  (bytes, random) => edited(bytes, (copy) => (copy[random.below(copy.length)] = random.below(256))),
  (bytes, random) => edited(bytes, (copy) => putNumber(copy, random)),
  (bytes, random) => bytes.subarray(0, random.below(bytes.length)),
  (bytes, random) => cut(bytes, random, 1 + random.below(16)),
  (bytes, random) => cut(bytes, random, random.below(bytes.length)),
  (bytes, random) =>
    insert(
      bytes,
      random,
      Uint8Array.from({ length: 1 + random.below(8) }, () => random.below(256)),
    ),
  (bytes, random) => insert(bytes, random, new Uint8Array(1 + random.below(300)).fill(random.below(256))),
  (bytes, random) => insert(bytes, random, run(bytes, random)),
  (bytes, random) => edited(bytes, (copy) => overwrite(copy, random, run(bytes, random))),
];

/** One to four such changes; `others` are inputs to splice with. */
export function mutateBytes(bytes, random, others = []) {
  let mutated = bytes;
  for (let i = 1 + random.below(3); i > 0; i--) {
    if (mutated.length === 0) mutated = Uint8Array.of(random.below(256));
    else if (others.length > 0 && random.chance(0.1)) mutated = splice(mutated, random.pick(others), random);
    else mutated = random.pick(mutations)(mutated, random);
  }
  return mutated;
}

function edited(bytes, change) {
  const copy = bytes.slice();
  change(copy);
  return copy;
}

function putNumber(copy, random) {
  const width = Math.min(random.pick([1, 2, 4, 8]), copy.length);
  const at = random.below(copy.length - width + 1);
  let value = random.pick(edges) + random.below(3) - 1;
  const isBig = random.chance(0.2);
  for (let i = 0; i < width; i++) {
    copy[isBig ? at + width - 1 - i : at + i] = value & 0xff;
    value = Math.floor(value / 256);
  }
}

function cut(bytes, random, length) {
  const at = random.below(bytes.length);
  return concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + length))]);
}

function insert(bytes, random, added) {
  const at = random.below(bytes.length + 1);
  return concat([bytes.subarray(0, at), added, bytes.subarray(at)]);
}

function run(bytes, random) {
  const from = random.below(bytes.length);
  return bytes.slice(from, from + 1 + random.below(64));
}

function overwrite(copy, random, values) {
  const at = random.below(copy.length);
  copy.set(values.subarray(0, copy.length - at), at);
}

function splice(bytes, other, random) {
  return concat([bytes.subarray(0, random.below(bytes.length)), other.subarray(random.below(other.length + 1))]);
}

export function concat(parts) {
  const bytes = new Uint8Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
