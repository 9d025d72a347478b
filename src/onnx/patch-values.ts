/** The lists of value infos of a graph: inputs, outputs and inner values, matched by name. */
import { valuesByName } from '../ir/graph.js';
import type { Graph, TensorType, Value } from '../ir/types.js';
import { type Item, Patch } from './patch.js';
import { encodeFields, type Message } from './protobuf.js';
import { readString } from './read-message.js';
import { Rope } from './rope.js';
import { fieldNumber } from './schema.js';
import { encodeValueInfo, sameType, typeFields } from './value-info.js';
import { bodyOf, type WireRecord } from './wire.js';

const number = (field: keyof Message<'GraphProto'>): number => fieldNumber('GraphProto', field);

export class ValueInfos {
  readonly #old: ReadonlyMap<string, Value>;
  readonly #records = new Map<string, WireRecord>();

  /** @param patch of the graph `old`, which was read from its body. */
  constructor(
    readonly graph: Patch,
    old: Graph,
  ) {
    this.#old = named(old);
    // a value that becomes an output takes the bytes of the record that described it so far
    for (const field of ['output', 'input', 'valueInfo'] as const) {
      for (const record of graph.delimited(number(field))) this.#records.set(this.#nameOf(record), record);
    }
  }

  /** A field whose order matters: inputs or outputs. */
  patch(field: number, now: readonly Value[]): void {
    const slots = new Map<string, number[]>();
    for (const [slot, record] of this.graph.delimited(field).entries()) {
      const name = this.#nameOf(record);
      slots.set(name, [...(slots.get(name) ?? []), slot]);
    }
    this.graph.sequence(
      field,
      now.map((value): Item => {
        const slot = slots.get(value.name)?.shift();
        const record = slot === undefined ? this.#records.get(value.name) : this.graph.delimited(field)[slot]!;
        if (!record) return { content: new Rope().bytes(encodeValueInfo(value)) };
        return this.#item(record, value, slot);
      }),
    );
  }

  /** Inner values: those that are gone take their description along, the others stay. */
  patchInner(now: Graph): void {
    const values = named(now);
    const field = number('valueInfo');
    this.graph.sequence(
      field,
      this.graph.delimited(field).flatMap((record, slot): Item[] => {
        const name = this.#nameOf(record);
        const value = values.get(name);
        if (value) return [this.#item(record, value, slot)];
        return this.#old.has(name) ? [] : [{ slot }];
      }),
    );
  }

  #item(record: WireRecord, { name, type }: Value, slot: number | undefined): Item {
    const { source } = this.graph.body;
    const isSame = !type || sameType(this.#old.get(name)?.type, type);
    if (isSame && slot !== undefined) return { slot };
    const content = isSame
      ? new Rope().span(source, { start: record.payload, end: record.end })
      : this.#retyped(record, type);
    return slot === undefined ? { content } : { slot, content };
  }

  #retyped(record: WireRecord, type: TensorType): Rope {
    const patch = new Patch('ValueInfoProto', bodyOf(this.graph.body.source, [record]), this.graph.relocation);
    const field = fieldNumber('ValueInfoProto', 'type');
    patch.replace(patch.delimited(field), new Rope().bytes(encodeFields('ValueInfoProto', { type: typeFields(type) })));
    return patch.finish()[0]!;
  }

  #nameOf(record: WireRecord): string {
    return readString(bodyOf(this.graph.body.source, [record]), fieldNumber('ValueInfoProto', 'name'));
  }
}

const named = (graph: Graph): Map<string, Value> => {
  const values = valuesByName(graph);
  for (const value of graph.outputs) values.set(value.name, value);
  return values;
};
