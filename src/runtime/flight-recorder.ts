/**
 * What a job process was doing when it died: it notes each graph before the runtime gets it, in a nameless file that its parent
 * holds open. A note costs a few microseconds, survives any crash, and leaves nothing behind.
 */
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { temporaryBeside } from '../files/temporary.js';
import type { Graph } from '../ir/types.js';

/** The descriptor under which a job process finds the file; 3 is the channel to the parent. */
export const recorderDescriptor = 4;

/** The parent's end. */
export interface Recorder {
  readonly descriptor: number;
  /** `ran graph 'main' of 12 nodes (Add, Gather)`; undefined when the process was not inside the runtime. */
  read(): string | undefined;
  close(): void;
}

/** Undefined where no file can be made: then crashes are told without it. */
export function openRecorder(): Recorder | undefined {
  const path = temporaryBeside(join(tmpdir(), 'recorder'));
  try {
    const descriptor = openSync(path, 'wx+');
    rmSync(path, { force: true });
    return { descriptor, read: () => readNote(descriptor), close: () => closeSync(descriptor) };
  } catch {
    return undefined;
  }
}

/** From here on, notes of this process go to its parent's file. */
export const startRecording = (): void => {
  isRecording = true;
};

/** Notes that the runtime is at work on `graph` until `work` settles. */
export async function noted<T>(verb: 'loaded' | 'ran', graph: Graph, work: () => Promise<T>): Promise<T> {
  if (!isRecording) return work();
  write(noteOf(verb, graph));
  try {
    return await work();
  } finally {
    write(nothing);
  }
}

let isRecording = false;

const nothing = Uint8Array.of(0, 0);
const longestNote = 2000;

/** Most graphs run many times. */
const notes = new WeakMap<Graph, Map<string, Uint8Array>>();

function noteOf(verb: string, graph: Graph): Uint8Array {
  const known = notes.get(graph) ?? new Map<string, Uint8Array>();
  notes.set(graph, known);
  const note = known.get(verb) ?? encode(`${verb} ${describe(graph)}`);
  known.set(verb, note);
  return note;
}

/** Length in two bytes, then the text. */
function encode(text: string): Uint8Array {
  const bytes = Buffer.from(text).subarray(0, longestNote);
  return Uint8Array.of(bytes.length & 0xff, bytes.length >> 8, ...bytes);
}

const mostOps = 12;

function describe({ name, nodes }: Graph): string {
  const ops = [...new Set(nodes.map(({ op }) => op))].sort();
  const told = ops.length > mostOps ? [...ops.slice(0, mostOps), `${ops.length - mostOps} more`] : ops;
  return `graph '${name.slice(0, 200)}' of ${nodes.length} nodes (${told.join(', ')})`;
}

/** A disk without room must not end the job. */
function write(note: Uint8Array): void {
  try {
    writeSync(recorderDescriptor, note, 0, note.length, 0);
  } catch {}
}

function readNote(descriptor: number): string | undefined {
  const bytes = new Uint8Array(longestNote + 2);
  try {
    const length = readSync(descriptor, bytes, 0, bytes.length, 0);
    const told = (bytes[0] as number) + 256 * (bytes[1] as number);
    return told === 0 || length < 2 ? undefined : Buffer.from(bytes.subarray(2, 2 + told)).toString();
  } catch {
    return undefined;
  }
}
