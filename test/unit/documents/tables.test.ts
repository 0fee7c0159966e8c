import { readFileSync } from 'node:fs';
import path from 'node:path';

import { CHINESE } from '../../../scripts/docs/chinese';
import { documents, languageOf, REGIONS, regionsIn, withTables } from '../../../scripts/docs/regions';

const files = documents().map((file) => ({ file: path.basename(file), text: readFileSync(file, 'utf8') }));

it.each(files)('the tables of $file are what the nodes say (else: npm run docs)', ({ file, text }) => {
	expect(text).toBe(withTables(text, languageOf(file)));
});

it.each(['en', 'zh-CN'] as const)('every table is in a document, and once only: %s', (language) => {
	const used = files
		.filter(({ file }) => languageOf(file) === language)
		.flatMap(({ text }) => regionsIn(text));
	expect(used.sort()).toEqual([...REGIONS.keys()].sort());
});

it('the Chinese of a text that no panel has any more is gone', () => {
	const english = [...REGIONS.values()].map((region) => region('en').replaceAll('\\', '')).join('\n');
	expect(Object.keys(CHINESE).filter((text) => !english.includes(text))).toEqual([]);
});
