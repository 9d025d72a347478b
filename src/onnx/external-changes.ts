/** Changes to external data files: replaced in place where the size allows and nobody else reads the range, else appended. */
import type { Payload } from '../tensor/tensor.js';
import type { ExternalFiles, ExternalPlace } from './external-data.js';
import { Rope } from './rope.js';
import type { ByteSource } from './source.js';

/** Appended payloads start at multiples of this, so that runtimes can map them. */
const alignment = 4096;

interface FileChanges {
  readonly source: ByteSource;
  readonly replaced: { readonly offset: number; readonly payload: Payload }[];
  readonly appended: { readonly offset: number; readonly payload: Payload }[];
  end: number;
}

export class ExternalChanges {
  readonly #changes = new Map<ByteSource, FileChanges>();

  constructor(readonly files: ExternalFiles) {}

  /** Notes new bytes for a tensor and says where they will lie. */
  put(old: ExternalPlace, payload: Payload, tensor: string): Required<ExternalPlace> {
    const source = this.files.source(old.location, `tensor '${tensor}'`);
    let changes = this.#changes.get(source);
    if (!changes) this.#changes.set(source, (changes = { source, replaced: [], appended: [], end: source.size }));
    const length = payload.byteLength;
    const [reader, ...others] = this.files.readers(source, old.offset, old.offset + length);
    if (others.length === 0 && (length === 0 || (reader?.offset === old.offset && reader.length === length))) {
      changes.replaced.push({ offset: old.offset, payload });
      return { location: old.location, offset: old.offset, length };
    }
    const offset = Math.ceil(changes.end / alignment) * alignment;
    changes.appended.push({ offset, payload });
    changes.end = offset + length;
    return { location: old.location, offset, length };
  }

  /** The new content of a data file: one span when nothing changed. */
  contentOf(source: ByteSource): Rope {
    const rope = new Rope();
    const changes = this.#changes.get(source);
    let at = 0;
    for (const { offset, payload } of [...(changes?.replaced ?? [])].sort((a, b) => a.offset - b.offset)) {
      rope.span(source, { start: at, end: offset }).payload(payload);
      at = offset + payload.byteLength;
    }
    rope.span(source, { start: at, end: source.size });
    for (const { offset, payload } of changes?.appended ?? []) {
      rope.bytes(new Uint8Array(offset - rope.length)).payload(payload);
    }
    return rope;
  }
}
