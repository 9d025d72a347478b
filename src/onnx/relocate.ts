/** Tensors in parts of the model that are otherwise verbatim: their external data files renamed, or their weights laid out anew. */
import { UserError } from '../errors.js';
import { holdsTensors } from './message-fields.js';
import { Patch } from './patch.js';
import { encodeFields } from './protobuf.js';
import { readMessage } from './read-message.js';
import { Rope } from './rope.js';
import { fieldNumber, type MessageName } from './schema.js';
import type { ByteSource } from './source.js';
import { bodyOf, type WireRecord } from './wire.js';

/** Messages inside each other, as the reference parsers count them. */
const deepestMessage = 100;

export class Relocation {
  #depth = 0;

  /**
   * @param renames new location by old; empty when every file keeps its name.
   * @param replace gives a tensor its new place instead, its message being in a field of `parent`.
   */
  constructor(
    readonly renames: ReadonlyMap<string, string>,
    readonly replace?: (patch: Patch, parent: MessageName) => void,
  ) {}

  get #isIdle(): boolean {
    return this.renames.size === 0 && !this.replace;
  }

  nameOf(location: string): string {
    return this.renames.get(location) ?? location;
  }

  /** The new content of a record of `parent` that holds a `type`; undefined where nothing can need renaming. */
  content(type: MessageName, source: ByteSource, record: WireRecord, parent: MessageName): Rope | undefined {
    if (this.#isIdle || !holdsTensors(type)) return undefined;
    if (this.#depth >= deepestMessage) {
      throw new UserError(
        source.name,
        `expected at most ${deepestMessage} messages inside each other, got more; the file is damaged`,
      );
    }
    this.#depth++;
    const patch = new Patch(type, bodyOf(source, [record]), this);
    if (type === 'TensorProto') {
      if (this.replace) this.replace(patch, parent);
      else this.rename(patch);
    }
    const [rope] = patch.finish();
    this.#depth--;
    return rope;
  }

  /** Patches the location entry of a tensor. */
  rename(patch: Patch): void {
    const field = fieldNumber('TensorProto', 'externalData');
    const entries = patch.delimited(field);
    if (this.renames.size === 0 || entries.length === 0) return;
    patch.sequence(
      field,
      entries.map((record, slot) => {
        const entry = bodyOf(patch.body.source, [record]);
        const { key, value } = readMessage('StringStringEntryProto', entry);
        const renamed = key === 'location' ? this.nameOf(value) : value;
        return renamed === value
          ? { slot }
          : { slot, content: setValue(new Patch('StringStringEntryProto', entry, this), renamed) };
      }),
    );
  }
}

/** A key-value entry with another value. */
export function setValue(entry: Patch, value: string): Rope {
  const number = fieldNumber('StringStringEntryProto', 'value');
  entry.replace(entry.delimited(number), new Rope().bytes(encodeFields('StringStringEntryProto', { value })));
  return entry.finish()[0]!;
}
