/** `npm run docs`: writes the tables of the documents anew, from what the nodes say of themselves: `docs/regions.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';

import { documents, languageOf, withTables } from './docs/regions';

for (const file of documents()) {
	const text = readFileSync(file, 'utf8');
	const wanted = withTables(text, languageOf(file));
	if (wanted === text) continue;
	writeFileSync(file, wanted);
	console.log(`Written: ${file}`);
}
