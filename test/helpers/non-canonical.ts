/**
 * Rewrites the bytes of a message so that they mean the same and look different: padded varints, unpacked and split
 * lists, fields out of order, submessages in pieces, overridden values, unknown fields. Knows ONNX from onnx-buf only.
 */
import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { ScalarType } from '@bufbuild/protobuf';
import { concat, parse, type Raw, varint, varintAt } from './wire.js';

/** Which rewrites are made; each is drawn with probability `rate` wherever it applies. */
export interface Rewrites {
  readonly rate: number;
  readonly pad?: boolean;
  readonly repack?: boolean;
  readonly shuffle?: boolean;
  readonly split?: boolean;
  readonly override?: boolean;
  readonly unknown?: boolean;
}

export const everyRewrite: Rewrites = {
  rate: 0.4,
  pad: true,
  repack: true,
  shuffle: true,
  split: true,
  override: true,
  unknown: true,
};

export function rewrite(type: DescMessage, bytes: Uint8Array, rewrites: Rewrites, seed: number): Uint8Array {
  return new Rewriter(rewrites, mulberry32(seed)).message(type, bytes);
}

class Rewriter {
  constructor(
    readonly rewrites: Rewrites,
    readonly random: () => number,
  ) {}

  message(type: DescMessage, bytes: Uint8Array): Uint8Array {
    const records = parse(bytes).flatMap((record) => {
      const field = type.fields.find(({ number }) => number === record.field);
      return field ? this.known(field, record) : [{ field: record.field, bytes: record.bytes }];
    });
    for (let i = this.rewrites.unknown ? 3 : 0; i > 0; i--) if (this.draws(true)) records.push(this.unknown());
    const ordered = this.draws(this.rewrites.shuffle) ? this.shuffle(records) : records;
    return concat(...ordered.map((record) => record.bytes));
  }

  known(field: DescField, record: Raw): Emitted[] {
    const number = field.number;
    if (field.message) {
      const repeated = field.fieldKind === 'list';
      const payloads = repeated || !this.draws(this.rewrites.split) ? [record.payload] : this.pieces(record.payload);
      return payloads.map((payload) => this.delimited(number, this.message(field.message!, payload)));
    }
    const scalar = field.fieldKind === 'list' ? field.listKind === 'scalar' && field.scalar : field.scalar;
    const isText = scalar === ScalarType.STRING || scalar === ScalarType.BYTES;
    if (field.fieldKind === 'list' && !isText) return this.list(number, width(scalar || ScalarType.INT32), record);
    const value = this.value(number, record);
    if (field.fieldKind === 'list' || field.oneof || !this.draws(this.rewrites.override)) return [value];
    // an earlier value that the later one overrides
    const earlier =
      record.wire === 2
        ? this.delimited(number, Uint8Array.of(0x78))
        : this.scalar(number, record.wire, new Uint8Array(record.wire === 0 ? 1 : record.payload.length));
    return [earlier, value];
  }

  /** A repeated number: some values packed, some alone. */
  list(number: number, bytesEach: number, record: Raw): Emitted[] {
    const values = record.wire === 2 ? chop(record.payload, bytesEach) : [record.payload];
    const wire = bytesEach === 0 ? 0 : bytesEach === 4 ? 5 : 1;
    if (!this.draws(this.rewrites.repack)) {
      return record.wire === 2 ? [this.delimited(number, record.payload)] : [this.scalar(number, wire, record.payload)];
    }
    const cut = Math.floor(this.random() * (values.length + 1));
    return [
      this.delimited(number, concat(...values.slice(0, cut).map((v) => this.padded(v, wire)))),
      ...values.slice(cut).map((value) => this.scalar(number, wire, value)),
    ];
  }

  value(number: number, record: Raw): Emitted {
    return record.wire === 2
      ? this.delimited(number, record.payload)
      : this.scalar(number, record.wire, record.payload);
  }

  delimited(number: number, payload: Uint8Array): Emitted {
    return { field: number, bytes: concat(this.tag(number, 2), this.varint(payload.length, 5), payload) };
  }

  scalar(number: number, wire: number, payload: Uint8Array): Emitted {
    return { field: number, bytes: concat(this.tag(number, wire), this.padded(payload, wire)) };
  }

  padded(value: Uint8Array, wire: number): Uint8Array {
    return wire === 0 ? this.varint(varintAt(value, 0).value, 10) : value;
  }

  tag(number: number, wire: number): Uint8Array {
    return this.varint(number * 8 + wire, 5);
  }

  varint(value: bigint | number, most: number): Uint8Array {
    return varint(value, this.draws(this.rewrites.pad) ? 1 + Math.floor(this.random() * most) : 1);
  }

  /** A message in two records: fields keep their order, so that the merge is the same. */
  pieces(payload: Uint8Array): Uint8Array[] {
    const records = parse(payload);
    const cut = Math.floor(this.random() * (records.length + 1));
    return [records.slice(0, cut), records.slice(cut)].map((part) => concat(...part.map(({ bytes }) => bytes)));
  }

  /** Fields in another order; those of one number stay in theirs. */
  shuffle(records: Emitted[]): Emitted[] {
    const queues = new Map<number, Emitted[]>();
    for (const record of records) queues.set(record.field, [...(queues.get(record.field) ?? []), record]);
    const order = records.map(({ field }) => field);
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(this.random() * (i + 1));
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order.map((field) => queues.get(field)!.shift()!);
  }

  unknown(): Emitted {
    const number = 500 + Math.floor(this.random() * 1e6);
    const junk = Uint8Array.from({ length: 8 }, () => Math.floor(this.random() * 128));
    switch (Math.floor(this.random() * 5)) {
      case 0:
        return this.scalar(number, 0, varint(BigInt(Math.floor(this.random() * 2 ** 40))));
      case 1:
        return this.scalar(number, 1, junk);
      case 2:
        return this.delimited(number, junk);
      case 3:
        return this.scalar(number, 5, junk.subarray(0, 4));
      default: {
        const inner = this.delimited(3, junk).bytes;
        return { field: number, bytes: concat(this.tag(number, 3), inner, this.tag(number, 4)) };
      }
    }
  }

  draws(wanted: boolean | undefined): boolean {
    return wanted === true && this.random() < this.rewrites.rate;
  }
}

interface Emitted {
  readonly field: number;
  readonly bytes: Uint8Array;
}

const width = (scalar: ScalarType): number => (scalar === ScalarType.FLOAT ? 4 : scalar === ScalarType.DOUBLE ? 8 : 0);

/** Packed values apart; `bytesEach` 0 for varints. */
function chop(payload: Uint8Array, bytesEach: number): Uint8Array[] {
  const values: Uint8Array[] = [];
  for (let at = 0; at < payload.length; ) {
    const length = bytesEach || varintAt(payload, at).length;
    values.push(payload.subarray(at, at + length));
    at += length;
  }
  return values;
}

/** Small seeded generator (mulberry32). */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
