/** Files of labels in every form, and their mistakes. */
import { expect, test } from 'vitest';
import { labelsInOrder, labelsOfFiles } from '../../src/data/readers/label-file.js';
import { temporaryFolder } from './models.js';

const { write } = temporaryFolder();
const names = ['cats/a.png', 'b.png'];

test.each<[string, string, string | undefined, readonly (string | number)[]]>([
  ['labels.json', '{"cats/a.png": "cat", "b": 1}', undefined, ['cat', 1]],
  ['labels.json', '["cat", "dog"]', undefined, ['cat', 'dog']],
  ['labels.json', '[{"file": "b.png", "index": 4}, {"file": "a.png", "index": 2}]', undefined, [2, 4]],
  [
    'labels.json',
    '[{"file": "b.png", "kind": "dog", "index": 4}, {"file": "a.png", "kind": "cat"}]',
    'kind',
    ['cat', 'dog'],
  ],
  ['labels.csv', 'Filename,Class\nb.png,dog\n"a.png",cat\n', undefined, ['cat', 'dog']],
  ['labels.csv', 'b.png,dog\na.png,cat\n', undefined, ['cat', 'dog']],
  ['labels.csv', 'image,kind,size\nb.png,dog,4\na.png,cat,5\n', 'kind', ['cat', 'dog']],
  ['labels.tsv', 'x/a.png\tgreat cat\nx/b.png\tdog\n', undefined, ['great cat', 'dog']],
  ['val.txt', 'cats/a.png 5\nb.png 2\n', undefined, ['5', '2']],
  ['val.txt', '3\n0\n', undefined, ['3', '0']],
])('%s: %s', async (file, content, field, expected) => {
  expect((await labelsOfFiles(write(file, content), names, field)).labels).toEqual(expected);
});

test('whole numbers are those of the classes', async () => {
  expect((await labelsInOrder(write('n.txt', '3\n1\n'), 2, undefined)).classes).toEqual([0, 1, 2, 3]);
  expect((await labelsInOrder(write('w.txt', '3\ncat\n'), 2, undefined)).classes).toBeUndefined();
});

test.each<[string, string, string | undefined, string]>([
  [
    'labels.json',
    '{"b.png": 1}',
    undefined,
    "labels.json: expected a label for 'cats/a.png', got none; add it, or leave the file out",
  ],
  ['labels.json', '[1]', undefined, 'labels.json: expected 2 labels, one a record, got 1'],
  ['labels.json', '{"a.png": null}', undefined, "labels.json: 'a.png': expected a label, a name or a number, got null"],
  [
    'labels.json',
    '[{"file": "a.png", "kind": 1}]',
    undefined,
    'labels.json[0]: expected a label in one of label, class, index, target, category, y, got file, kind; name its field with --label-column',
  ],
  ['labels.json', '{', undefined, 'labels.json: expected JSON, got '],
  ['labels.json', '3', undefined, 'labels.json: expected an object or array of labels'],
  ['labels.csv', 'a.png,1\na.png,2\n', undefined, "labels.csv: expected one label for 'a.png', got '1' and '2'"],
  ['labels.csv', 'image,kind\na.png,\n', undefined, 'labels.csv:2: expected a label, a name or a number, got ""'],
  ['labels.csv', 'image,kind\na.png,1\n', 'class', "labels.csv: expected a column 'class', got image, kind"],
  ['labels.csv', 'a.png,"1\n', undefined, 'labels.csv: expected CSV, got '],
  ['labels.txt', '\n', undefined, 'labels.txt: expected labels, got none; the file is empty'],
])('%s: %s is refused', async (file, content, field, message) => {
  await expect(labelsOfFiles(write(file, content), names, field)).rejects.toThrow(message);
});

test('a missing file is named', async () => {
  await expect(labelsInOrder('none.csv', 1, undefined)).rejects.toThrow('none.csv: no such file');
});
