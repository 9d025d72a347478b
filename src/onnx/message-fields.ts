/** Which fields of a message are messages, by number: for walks that follow the schema. */
import { type FieldSpec, type MessageName, messages } from './schema.js';

const known = new Map<MessageName, ReadonlyMap<number, MessageName>>();

/** The message types of the fields of `message`, by field number. */
export function fieldTypes(message: MessageName): ReadonlyMap<number, MessageName> {
  let types = known.get(message);
  if (!types) {
    const specs: FieldSpec[] = Object.values(messages[message]);
    types = new Map(
      specs.flatMap(([number, type]) => (type in messages ? [[number, type as MessageName] as const] : [])),
    );
    known.set(message, types);
  }
  return types;
}

const holders = new Set<MessageName>();
const names = Object.keys(messages) as MessageName[];
for (let before = -1; before !== holders.size; ) {
  before = holders.size;
  for (const name of names) {
    if ([...fieldTypes(name).values()].some((type) => type === 'TensorProto' || holders.has(type))) holders.add(name);
  }
}

/** Whether tensors may stand somewhere inside a message of this type, or it is one. */
export const holdsTensors = (message: MessageName): boolean => message === 'TensorProto' || holders.has(message);
