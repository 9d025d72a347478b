/** Writes the JSON Schema of schema files, docs/schema.schema.json; `npm run format` brings it to the form that is committed. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { schemaOfSchemas } from '../dist/schema/schema-form.js';

const path = fileURLToPath(new URL('../docs/schema.schema.json', import.meta.url));
writeFileSync(path, `${JSON.stringify(schemaOfSchemas(), null, 2)}\n`);
