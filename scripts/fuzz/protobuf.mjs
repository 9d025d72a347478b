/** Mutations of ONNX models that follow the schema: fields, lengths, numbers, names, graphs inside graphs. */
import { concat, mutateBytes } from './bytes.mjs';

const numbers = [0n, 1n, 2n, 7n, 127n, 128n, 255n, 65536n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n];
const negative = [-1n, -2n, -(2n ** 31n), -(2n ** 63n)];
const texts = [
  '',
  'x',
  '__proto__',
  'constructor',
  'toString',
  '\u001b[31m\u0007',
  '\n',
  '../x',
  '/etc/hostname',
  'C:x',
];

/** The mutator for a message of the schema `messages`, as src/onnx/schema.ts has it. */
export function protobufMutator(messages, root = 'ModelProto') {
  const specs = new Map(
    Object.entries(messages).map(([name, fields]) => [
      name,
      new Map(Object.values(fields).map(([number, type, rule]) => [number, { type, rule }])),
    ]),
  );
  const isMessage = (type) => specs.has(type);

  return (bytes, random, others = []) => {
    const donor = random.chance(0.3) && others.length > 0 ? random.pick(others) : bytes;
    const pool = collect(donor);
    let mutated = bytes;
    for (let i = 1 + random.below(3); i > 0; i--) mutated = inMessage(mutated, root, 0, { random, pool, root: bytes });
    return random.chance(0.1) ? mutateBytes(mutated, random, others) : mutated;
  };

  /** Every name, and some messages by type, to put elsewhere. */
  function collect(bytes) {
    const pool = { names: [], messages: new Map() };
    const visit = (body, message, depth) => {
      for (const { field, wire, payload } of parse(body) ?? []) {
        const spec = specs.get(message).get(field);
        if (wire !== 2 || !spec || pool.names.length > 2000) continue;
        if (spec.type === 'string') pool.names.push(payload);
        if (!isMessage(spec.type) || depth > 12) continue;
        const list = pool.messages.get(spec.type) ?? [];
        if (list.length < 50 && payload.length < 65_536) list.push(payload);
        pool.messages.set(spec.type, list);
        visit(payload, spec.type, depth + 1);
      }
    };
    visit(bytes, root, 0);
    return pool;
  }

  function inMessage(bytes, message, depth, context) {
    const { random } = context;
    const records = parse(bytes);
    if (!records) return bytes.length < 100_000 ? mutateBytes(bytes, random) : bytes;
    const inner = records.filter(
      ({ wire, field }) => wire === 2 && isMessage(specs.get(message)?.get(field)?.type ?? ''),
    );
    if (inner.length > 0 && depth < 40 && random.chance(0.8)) {
      const record = random.pick(inner);
      const { type } = specs.get(message).get(record.field);
      record.payload = inMessage(record.payload, type, depth + 1, context);
    } else change(records, message, context);
    return join(records, random);
  }

  function change(records, message, context) {
    const { random, pool } = context;
    if (records.length === 0 || random.chance(0.1)) {
      records.splice(random.below(records.length + 1), 0, added(message, context));
      return;
    }
    const at = random.below(records.length);
    const record = records[at];
    const spec = specs.get(message)?.get(record.field);
    switch (random.below(9)) {
      case 0:
        records.splice(at, 1);
        return;
      case 1:
        records.splice(random.below(records.length), 0, { ...record });
        return;
      case 2:
        records.splice(random.below(records.length), 0, ...records.splice(at, 1));
        return;
      case 3:
        record.field = random.chance(0.5) ? random.pick([...(specs.get(message)?.keys() ?? [1])]) : random.below(40);
        return;
      case 4:
        record.wire = random.below(6);
        return;
      default:
        record.payload = value(record, spec, pool, context);
    }
  }

  function value(record, spec, pool, { random, root: whole }) {
    if (record.wire === 0) return varint(number(random));
    if (record.wire !== 2) return Uint8Array.from(record.payload, () => random.pick([0, 0x7f, 0x80, 0xff, 0xc0]));
    if (spec?.type === 'string') return text(pool, random);
    if (isMessage(spec?.type ?? '')) {
      if (spec.type === 'GraphProto' && random.chance(0.3)) return graphOf(whole) ?? record.payload;
      if (random.chance(0.2)) return nested(spec.type, record.payload, random);
      return anyOf(pool.messages.get(spec.type), random) ?? record.payload;
    }
    if (spec?.rule === 'packed' && random.chance(0.5)) {
      return concat(Array.from({ length: random.below(6) }, () => varint(number(random))));
    }
    return record.payload.length === 0 ? Uint8Array.of(0xff) : mutateBytes(record.payload, random);
  }

  function added(message, { random, pool }) {
    const fields = [...(specs.get(message)?.entries() ?? [])];
    const [field, spec] = fields.length > 0 ? random.pick(fields) : [1, { type: 'int64' }];
    if (spec.type === 'string' || spec.type === 'bytes') return { field, wire: 2, payload: text(pool, random) };
    if (isMessage(spec.type)) {
      return { field, wire: 2, payload: anyOf(pool.messages.get(spec.type), random) ?? new Uint8Array() };
    }
    if (spec.type === 'float') return { field, wire: 5, payload: Uint8Array.of(0, 0, 0xc0, 0x7f) };
    return { field, wire: 0, payload: varint(number(random)) };
  }

  /** The message inside itself, where the schema has a way back to it; a few deep or far too deep. */
  function nested(type, payload, random) {
    const way = { GraphProto: [1, 5, 6], NodeProto: [5, 6, 1], AttributeProto: [6, 1, 5], TypeProto: [4, 1] }[type];
    if (!way) return payload;
    let body = payload;
    for (let i = random.pick([1, 2, 30, 200]); i > 0; i--) {
      for (const field of [...way].reverse())
        body = concat([varint(BigInt(field * 8 + 2)), varint(BigInt(body.length)), body]);
      if (body.length > 500_000) break;
    }
    return body;
  }
}

const graphOf = (bytes) => parse(bytes)?.find(({ field, wire }) => field === 7 && wire === 2)?.payload;

const anyOf = (list, random) => (list?.length > 0 ? random.pick(list) : undefined);

const number = (random) =>
  random.chance(0.2) ? random.pick(negative) : random.chance(0.5) ? random.pick(numbers) : BigInt(random.below(30));

function text(pool, random) {
  if (random.chance(0.75) && pool.names.length > 0) return random.pick(pool.names);
  if (random.chance(0.1)) return new Uint8Array(20_000).fill(0x61);
  if (random.chance(0.1)) return Uint8Array.of(0xff, 0xfe, 0xc0, 0x80);
  return new TextEncoder().encode(random.pick(texts));
}

/** The records of a message, or undefined where they do not add up. */
export function parse(bytes) {
  const records = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = varintAt(bytes, at);
    if (!tag) return undefined;
    at = tag.end;
    const [field, wire] = [Number(tag.value >> 3n), Number(tag.value & 7n)];
    let end;
    if (wire === 0) end = varintAt(bytes, at)?.end;
    else if (wire === 1) end = at + 8;
    else if (wire === 5) end = at + 4;
    else if (wire === 2) {
      const length = varintAt(bytes, at);
      if (!length) return undefined;
      at = length.end;
      end = at + Number(length.value);
    }
    if (end === undefined || end > bytes.length) return undefined;
    records.push({ field, wire, payload: bytes.subarray(at, end) });
    at = end;
  }
  return records;
}

function varintAt(bytes, from) {
  let value = 0n;
  for (let i = 0; i < 10 && from + i < bytes.length; i++) {
    value |= BigInt(bytes[from + i] & 0x7f) << BigInt(7 * i);
    if (bytes[from + i] < 0x80) return { value, end: from + i + 1 };
  }
  return undefined;
}

export function varint(value) {
  const bytes = [];
  let left = BigInt.asUintN(64, value);
  do {
    bytes.push(Number(left & 0x7fn) | (left > 0x7fn ? 0x80 : 0));
    left >>= 7n;
  } while (left > 0n);
  return Uint8Array.from(bytes);
}

function join(records, random) {
  const lies = random.chance(0.02);
  return concat(
    records.flatMap(({ field, wire, payload }) => {
      const tag = varint(BigInt(field * 8 + wire));
      if (wire !== 2) return [tag, payload];
      const length = lies && random.chance(0.3) ? number(random) : BigInt(payload.length);
      return [tag, varint(length), payload];
    }),
  );
}
