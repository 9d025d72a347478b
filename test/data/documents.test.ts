import { describe, expect, test } from 'vitest';
import { readDocuments } from '../../src/data/documents.js';
import { temporaryFolder } from './models.js';

const { folder, write } = temporaryFolder();
const read = (name: string, content: string | Uint8Array, field?: string) =>
  readDocuments([write(name, content)], field);

describe('readDocuments', () => {
  test.each([
    ['a.txt', '\uFEFFone\n\ntwo', ['one\n\ntwo']],
    ['a.jsonl', '{"text": "one"}\n\n{"text": "two", "id": 3}\r\n', ['one', 'two']],
    ['b.jsonl', '"one"\n', ['one']],
    ['a.json', '["one", {"text": "two"}, ""]', ['one', 'two']],
  ])('%s holds %j', async (name, content, documents) => {
    expect(await read(name, content)).toEqual(documents);
  });

  test('takes the text from another field', async () => {
    expect(await read('c.jsonl', '{"story": "one"}', 'story')).toEqual(['one']);
  });

  test.each([
    ['d.txt', Uint8Array.of(0xff, 0xfe, 0xff), 'd.txt: expected UTF-8 text, got other bytes; convert the file'],
    ['e.txt', ' \n', 'e.txt: expected text, got none; the files are empty'],
    [
      'f.jsonl',
      '{"text": "a"}\n{"txt": "b"}',
      "f.jsonl:2: expected text in the field 'text', got nothing; fields with text: 'txt'",
    ],
    ['g.jsonl', '{"text": 5}', "g.jsonl:1: expected text in the field 'text', got a number; fields with text: none"],
    ['h.jsonl', '{', /h.jsonl:1: expected JSON, got /],
    ['i.json', '{"a": 1}', "i.json: expected an array of texts, or a descriptor with 'kind', got an object"],
    ['j.json', '[1]', 'j.json[0]: expected a text, got a number'],
    ['k.json', '["a"', /k.json: expected JSON, got /],
    ['l.json', '[{"__proto__": {"text": "x"}}]', /expected text in the field 'text', got nothing/],
  ])('%s is refused', async (name, content, message) => {
    await expect(read(name, content)).rejects.toThrow(message);
  });

  test('joins the documents of several files in order', async () => {
    const paths = [write('2.txt', 'two'), write('1.json', '["one", "three"]')];
    expect(await readDocuments(paths)).toEqual(['two', 'one', 'three']);
    expect(paths[0]).toContain(folder);
  });
});
