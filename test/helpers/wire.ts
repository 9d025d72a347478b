/** A second reader of the wire format, written apart from the one under test: records, and where two messages differ. */

export interface Raw {
  readonly field: number;
  readonly wire: number;
  readonly tag: Uint8Array;
  /** Payload of wire type 2, else the value's bytes. */
  readonly payload: Uint8Array;
  readonly bytes: Uint8Array;
}

/** The records of a message; groups (wire type 3) are one record up to their end. */
export function parse(bytes: Uint8Array): Raw[] {
  const found: Raw[] = [];
  let at = 0;
  while (at < bytes.length) {
    const start = at;
    const key = varintAt(bytes, at);
    at += key.length;
    const [field, wire] = [Number(key.value >> 3n), Number(key.value & 7n)];
    let from = at;
    if (wire === 0) at += varintAt(bytes, at).length;
    else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else if (wire === 2) {
      const size = varintAt(bytes, at);
      from = at + size.length;
      at = from + Number(size.value);
    } else at = groupEnd(bytes, at);
    found.push({
      field,
      wire,
      tag: bytes.subarray(start, start + key.length),
      payload: bytes.subarray(from, at),
      bytes: bytes.subarray(start, at),
    });
  }
  return found;
}

function groupEnd(bytes: Uint8Array, from: number): number {
  for (let at = from; ; ) {
    const key = varintAt(bytes, at);
    const wire = Number(key.value & 7n);
    at += key.length;
    if (wire === 4) return at;
    if (wire === 3) at = groupEnd(bytes, at);
    else if (wire === 0) at += varintAt(bytes, at).length;
    else if (wire === 2) {
      const size = varintAt(bytes, at);
      at += size.length + Number(size.value);
    } else at += wire === 1 ? 8 : 4;
  }
}

export function varintAt(bytes: Uint8Array, at: number): { value: bigint; length: number } {
  let value = 0n;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) throw new Error(`varint cut at ${at}`);
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), length: i + 1 };
  }
  throw new Error(`varint too long at ${at}`);
}

/** A varint, padded to at least `least` bytes. */
export function varint(value: bigint | number, least = 1): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  } while (rest > 0n || bytes.length < least);
  bytes[bytes.length - 1]! &= 0x7f;
  return Uint8Array.from(bytes);
}

export const concat = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/**
 * Where two messages differ, aligned by their longest common run of records: `7[0]/5[12]/9[0]` is a record whose
 * content changed, `-7[0]/5[12]` one that is gone, `+7[0]/5` a new one. Descends into changed records of the fields in
 * `messages` (paths without indices); every record that is not named stands in both, verbatim and in the same order.
 */
export function differences(a: Uint8Array, b: Uint8Array, messages: readonly string[], path = ''): string[] {
  const counts = new Map<number, number>();
  const left = parse(a).map((record) => {
    const index = counts.get(record.field) ?? 0;
    counts.set(record.field, index + 1);
    return { ...record, index };
  });
  const found: string[] = [];
  for (const gap of gaps(left, parse(b))) {
    const added = [...gap.added];
    const count = (records: readonly Raw[], tag: Uint8Array) => records.filter((r) => equal(r.tag, tag)).length;
    for (const record of gap.removed) {
      const here = `${path}${record.field}[${record.index}]`;
      // one for one, or else nobody can say which became which
      const isPaired = count(gap.removed, record.tag) === count(gap.added, record.tag);
      const partner = isPaired ? added.findIndex(({ tag }) => equal(tag, record.tag)) : -1;
      if (partner < 0) found.push(`-${here}`);
      else {
        const [other] = added.splice(partner, 1);
        const isMessage = messages.includes(here.replaceAll(/\[\d+\]/g, ''));
        found.push(...(isMessage ? differences(record.payload, other!.payload, messages, `${here}/`) : [here]));
      }
    }
    found.push(...added.map(({ field }) => `+${path}${field}`));
  }
  return found;
}

/** What stands between the records that both lists share. */
function* gaps<R extends Raw>(left: R[], right: Raw[]): Generator<{ removed: R[]; added: Raw[] }> {
  const same = (i: number, j: number) => i >= 0 && j >= 0 && equal(left[i]!.bytes, right[j]!.bytes);
  const shorter = Math.min(left.length, right.length);
  let head = 0;
  while (head < shorter && same(head, head)) head++;
  let tail = 0;
  while (tail < shorter - head && same(left.length - 1 - tail, right.length - 1 - tail)) tail++;
  const [a, b] = [left.slice(head, left.length - tail), right.slice(head, right.length - tail)];
  // longest[i][j]: the most records that a from i and b from j have in common
  const longest = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i]![j] = equal(a[i]!.bytes, b[j]!.bytes)
        ? longest[i + 1]![j + 1]! + 1
        : Math.max(longest[i + 1]![j]!, longest[i]![j + 1]!);
    }
  }
  let gap: { removed: R[]; added: Raw[] } = { removed: [], added: [] };
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && equal(a[i]!.bytes, b[j]!.bytes)) {
      yield gap;
      gap = { removed: [], added: [] };
      i++;
      j++;
    } else if (j === b.length || (i < a.length && longest[i + 1]![j]! >= longest[i]![j + 1]!))
      gap.removed.push(a[i++]!);
    else gap.added.push(b[j++]!);
  }
  yield gap;
}

export const equal = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
