/** What is fuzzed: by name, the inputs to start from, how they are mutated, and what is done with each. */
import { readFileSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { mutateNpy, mutateZip } from './arrays.mjs';
import { mutateBytes } from './bytes.mjs';
import { documentMutator } from './documents.mjs';
import { modelWork } from './model-work.mjs';
import { protobufMutator } from './protobuf.mjs';
import { readerTargets } from './readers.mjs';
import * as seeds from './seeds.mjs';
import { sessionTarget } from './session.mjs';

/** A module of the built package; late, because the guard stands before it. */
const built = (path) => import(new URL(`../../dist/${path}`, import.meta.url).href);

export const targets = {
  model: {
    async open({ everyNth }) {
      const use = Object.assign(
        { readFile: (path) => readFileSync(path) },
        ...(await Promise.all(
          [
            'onnx/load.js',
            'onnx/save.js',
            'onnx/encode.js',
            'onnx/normalize.js',
            'onnx/schema.js',
            'ir/verify.js',
            'ir/print.js',
            'pipeline/inspect/inspect.js',
            'pipeline/compare/compare.js',
            'pipeline/working-copy.js',
            'regions/index.js',
            'tensor/tensor.js',
          ].map(built),
        )),
      );
      return { seeds: seeds.modelSeeds(everyNth), mutate: protobufMutator(use.messages), work: modelWork(use) };
    },
  },
  npy: {
    async open() {
      const use = { ...(await built('tensor/npy.js')), ...(await built('tensor/tensor.js')) };
      const work = async (bytes, step) => {
        writeFileSync('a.npy', bytes);
        const array = await step('load', () => use.loadNpy('a.npy'));
        if (array) await step('read', () => use.dataOf(array));
      };
      return { seeds: seeds.arraySeeds(use), mutate: mutateNpy, work };
    },
  },
  npz: {
    async open() {
      const use = { ...(await built('tensor/npz.js')), ...(await built('tensor/tensor.js')) };
      const work = async (bytes, step) => {
        writeFileSync('a.npz', bytes);
        const arrays = await step('load', () => use.loadNpz('a.npz'));
        for (const array of arrays?.values() ?? []) await step('read', () => use.dataOf(array));
      };
      return { seeds: seeds.archiveSeeds(use), mutate: mutateZip, work };
    },
  },
  safetensors: {
    async open() {
      const { loadSafetensors } = await built('tensor/safetensors.js');
      const { dataOf } = await built('tensor/tensor.js');
      const work = async (bytes, step) => {
        writeFileSync('a.safetensors', bytes);
        const found = await step('load', () => loadSafetensors('a.safetensors'));
        for (const tensor of found?.tensors.values() ?? []) await step('read', () => dataOf(tensor));
      };
      return { seeds: seeds.safetensorsSeeds(), mutate: headed(documentMutator()), work };
    },
  },
  tokenizer: {
    async open() {
      const { loadTokenizer } = await built('data/tokenizer.js');
      const texts = ['a ab c', 'Ünï <s> [UNK]\n\t', '\ud800 \u0000', ''];
      const work = async (bytes, step) => {
        writeFileSync('tokenizer.json', bytes);
        const tokenizer = await step('load', () => loadTokenizer('tokenizer.json'));
        if (!tokenizer) return;
        for (const text of texts) {
          const ids = await step('encode', () => tokenizer.encode(text, { special: true }));
          if (ids) await step('decode', () => tokenizer.decode(ids));
        }
      };
      return { seeds: seeds.tokenizerSeeds(), mutate: documentMutator(), work };
    },
  },
  descriptor: {
    async open() {
      const { loadDescriptor } = await built('data/descriptor.js');
      const { resolveSource } = await built('data/source.js');
      for (const name of ['a.txt', 'b.txt', 'a.jsonl', 'a.npy']) writeFileSync(name, 'a');
      const mutations = [documentMutator(), documentMutator(stringify), mutateBytes];
      const work = async (bytes, step) => {
        writeFileSync('data.yaml', bytes);
        writeFileSync('data.json', bytes);
        await step('load', () => loadDescriptor('data.yaml'));
        await step('resolve', () => resolveSource(['data.json']));
      };
      const mutate = (bytes, random, others) => random.pick(mutations)(bytes, random, others);
      return { seeds: seeds.descriptorSeeds(), mutate, work };
    },
  },
  documents: {
    async open() {
      const { readDocuments } = await built('data/documents.js');
      const work = async (bytes, step) => {
        let isRead = false;
        for (const name of ['a.txt', 'a.json', 'a.jsonl']) {
          writeFileSync(name, bytes);
          if (await step(name, () => readDocuments([name]))) isRead = true;
        }
        return isRead;
      };
      return { seeds: seeds.documentSeeds(), mutate: documentMutator(), work };
    },
  },
  ...readerTargets,
  session: sessionTarget,
};

/** Mutations of a document behind an eight-byte length; the length is mostly made to fit. */
function headed(mutate) {
  return (bytes, random, others) => {
    if (bytes.length < 10 || random.chance(0.4)) return mutateBytes(bytes, random, others);
    const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
    const document = mutate(bytes.subarray(8, 8 + length), random, []);
    const head = new Uint8Array(8 + document.length);
    new DataView(head.buffer).setBigUint64(0, BigInt(document.length), true);
    head.set(document, 8);
    return Buffer.concat([head, bytes.subarray(8 + length)]);
  };
}
