/** Writes the JSON Schemas of schema files, of explanations and of training into docs; `npm run format` brings them to the form that is committed. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { schemaOfExplanations } from '../dist/report/explain-form.js';
import { schemaOfTraining } from '../dist/report/train-form.js';
import { schemaOfSchemas } from '../dist/schema/schema-form.js';

const schemas = {
  'schema.schema.json': schemaOfSchemas(),
  'explanations.schema.json': schemaOfExplanations(),
  'training.schema.json': schemaOfTraining(),
};
for (const [name, schema] of Object.entries(schemas))
  writeFileSync(fileURLToPath(new URL(`../docs/${name}`, import.meta.url)), `${JSON.stringify(schema, null, 2)}\n`);
