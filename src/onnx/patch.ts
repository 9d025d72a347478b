/** Edits of one message as it lies in its source: records that are not named stay verbatim, unknown fields included. */
import { fieldTypes } from './message-fields.js';
import type { Relocation } from './relocate.js';
import { Rope, varint } from './rope.js';
import type { MessageName } from './schema.js';
import { type Body, records, type WireRecord } from './wire.js';

/** What an element of a repeated field becomes. */
export interface Item {
  /** Which of the field's records it was read from; absent for a new one. */
  readonly slot?: number;
  /** Its new content; absent when the record stays as it is. */
  readonly content?: Rope;
}

export class Patch {
  readonly records: readonly WireRecord[];
  readonly #emitted = new Map<WireRecord, Rope>();
  readonly #tail = new Rope();

  constructor(
    readonly message: MessageName,
    readonly body: Body,
    readonly relocation: Relocation,
  ) {
    this.records = records(body);
  }

  /** The records of a field that hold bytes or messages. */
  delimited(field: number): WireRecord[] {
    return this.records.filter((record) => record.field === field && record.wire === 2);
  }

  /** `replacement` (whole records) takes the place of the first of `old`; the others go. */
  replace(old: readonly WireRecord[], replacement: Rope): void {
    const [first, ...rest] = old;
    if (first) this.#emitted.set(first, replacement);
    else this.#tail.rope(replacement);
    for (const record of rest) this.#emitted.set(record, new Rope());
  }

  /** A message that was written in several records: each gets its piece back. */
  pieces(old: readonly WireRecord[], contents: readonly Rope[]): void {
    for (const [i, record] of old.entries()) this.#emitted.set(record, this.#headed(record, contents[i]!));
  }

  /**
   * The elements of a repeated field, in their new order. Those that kept their order stay where they were; a new or
   * moved one follows the element before it.
   */
  sequence(field: number, items: readonly Item[]): void {
    const slots = this.delimited(field);
    for (const record of slots) this.#emitted.set(record, new Rope());
    const leading = new Rope();
    let latest = -1;
    for (const { slot, content } of items) {
      if (slot !== undefined && slot > latest) latest = slot;
      const rope = latest < 0 ? leading : this.#emitted.get(slots[latest]!)!;
      const record = slot === undefined ? undefined : slots[slot]!;
      if (record) rope.rope(content ? this.#headed(record, content) : this.#kept(record));
      else rope.field(field, content ?? new Rope());
    }
    if (leading.length === 0) return;
    const first = slots[0];
    if (first) this.#emitted.set(first, leading.rope(this.#emitted.get(first)!));
    else this.#tail.rope(leading);
  }

  /** The new content of each span of the body. */
  finish(): Rope[] {
    const ropes = this.body.spans.map((span) => {
      const rope = new Rope();
      for (const record of this.records) {
        if (record.start >= span.start && record.end <= span.end)
          rope.rope(this.#emitted.get(record) ?? this.#kept(record));
      }
      return rope;
    });
    if (this.#tail.length > 0) (ropes.at(-1) ?? new Rope()).rope(this.#tail);
    return ropes;
  }

  #kept(record: WireRecord): Rope {
    const type = record.wire === 2 ? fieldTypes(this.message).get(record.field) : undefined;
    const moved = type && this.relocation.content(type, this.body.source, record, this.message);
    return moved ? this.#headed(record, moved) : new Rope().span(this.body.source, record);
  }

  /** The record with new content behind its own tag; verbatim, length included, where the content is the same span. */
  #headed(record: WireRecord, content: Rope): Rope {
    const { source } = this.body;
    if (content.isSpan(source, { start: record.payload, end: record.end })) return new Rope().span(source, record);
    return new Rope()
      .span(source, { start: record.start, end: record.tagEnd })
      .bytes(varint(content.length))
      .rope(content);
  }
}
