/** Turns what ONNX Runtime throws into errors that name the node and say what to do. */
import { exitCodes, UserError } from '../errors.js';
import { dataTypeOf } from '../tensor/dtype.js';

interface Pattern {
  readonly match: RegExp;
  explain(found: RegExpMatchArray): UserErrorParts;
}

interface UserErrorParts {
  readonly where: string;
  readonly what: string;
  readonly isUnsupported?: boolean;
}

/** The runtime's own wordings, most telling first. */
const patterns: readonly Pattern[] = [
  {
    match: /running (\S+) node\. Name:'([^']*)' Status Message: (.*)/s,
    explain: ([, op, name, message]) => ({ where: nodeText(op, name), what: `the run failed: ${tidy(message)}` }),
  },
  {
    match: /Node \(([^)]*)\) Op \((\S+)\) (.*)/s,
    explain: ([, name, op, message]) => ({ where: nodeText(op, name), what: tidy(message) }),
  },
  {
    match: /In Node, \("([^"]*)", ([^,]+), .*\bError No Op registered for (\S+) with domain_version of (\d+)/s,
    explain: ([, name, op, , version]) => ({
      where: nodeText(op, name),
      what: `the runtime has no such op in opset ${version}; ${standardOnly}`,
      isUnsupported: true,
    }),
  },
  {
    match: /(\S+):(\w+)\(-?\d+\) is not a registered function\/op/,
    explain: ([, domain, op]) => ({
      where: `${domain}.${op}`,
      what: `the runtime has no such op; ${standardOnly}`,
      isUnsupported: true,
    }),
  },
  {
    match: /In Node, \("([^"]*)", ([^,]+), .*\bError (.*)/s,
    explain: ([, name, op, message]) => ({ where: nodeText(op, name), what: tidy(message) }),
  },
  {
    match: /Could not find an implementation for (\w+)\((\d+)\) node with name '([^']*)'/,
    explain: ([, op, version, name]) => ({
      where: nodeText(op, name),
      what: `the runtime has no kernel for this op (version ${version}) and its element types`,
      isUnsupported: true,
    }),
  },
  {
    match: /Unsupported data type: (\d+)/,
    explain: ([, code]) => ({
      where: 'onnxruntime',
      what: `an input or output is ${dataTypeOf(Number(code)) ?? `of type ${code}`}, which cannot cross the border of a graph; cast it inside`,
      isUnsupported: true,
    }),
  },
];

const standardOnly = 'a model is run only where ONNX Runtime has all its ops: export it without this one';

/** `error`, as thrown by the runtime, as a UserError; one that is a UserError already stays as it is. */
export function runtimeError(error: unknown): UserError {
  if (error instanceof UserError) return error;
  const message = error instanceof Error ? error.message : String(error);
  for (const { match, explain } of patterns) {
    const found = message.match(match);
    if (!found) continue;
    const { where, what, isUnsupported = false } = explain(found);
    return new UserError(where, what, {
      cause: error,
      exitCode: isUnsupported ? exitCodes.unsupported : exitCodes.usage,
    });
  }
  return new UserError('onnxruntime', tidy(message), { cause: error });
}

const nodeText = (op = '?', name = ''): string => `${op} '${name}'`;

/** Without the places in the runtime's source, its status codes and line breaks. */
const tidy = (message = ''): string =>
  message
    // a failed check: the condition, then what it means
    .replace(/^\S+onnxruntime_src.* was false\. /s, '')
    .replaceAll(/\[ONNXRuntimeError\] : \d+ : \w+ : /g, '')
    // a place in its source: the file, the line and the function, with its parameters or without
    .replaceAll(/\S+\.(cc|h):\d+ (\S*::\S*\([^)]*\)\S*|\S+) /g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
