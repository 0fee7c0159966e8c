/**
 * The tables of the documents come from the nodes themselves, so that a table cannot say something else than the panel.
 * A document marks the place of a table by `<!-- generated: <name> -->` and `<!-- end -->`; what is between them
 * belongs to `npm run docs`.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';

import { BddFileApi } from '../../credentials/BddFileApi.credentials';
import { RESOURCES } from '../../nodes/BddFile/actions/router';
import { properties as triggerFields } from '../../nodes/BddFileTrigger/properties';
import { expressionTable, fieldTable, optionsOf, optionTable, type Group, type Language } from './tables';

const ROOT = path.resolve(__dirname, '../..');

interface Panel extends Group {
	/** Of its table. */
	region: string;
	isSync: boolean;
}

const PANELS: readonly Panel[] = RESOURCES.flatMap(({ entry: resource, operations }) =>
	operations.map(({ entry, description, oneAtATime: isSync = false }) => ({
		region: `${resource.value} ${entry.value}`,
		where: isSync ? entry.name : `${resource.name}: ${entry.name}`,
		fields: description,
		isSync,
	})),
);

const SYNCS = PANELS.filter(({ isSync }) => isSync);
const OTHERS = PANELS.filter(({ isSync }) => !isSync);

type Region = (language: Language) => string;

/** Every table there is, by the name that the documents use. */
export const REGIONS: ReadonlyMap<string, Region> = new Map<string, Region>([
	...PANELS.map(({ region, fields }): [string, Region] => [
		region,
		(language) => fieldTable(fields, language),
	]),
	['options', (language) => optionTable(OTHERS, language)],
	['sync options', (language) => optionTable(SYNCS, language)],
	['expressions', (language) => expressionTable(PANELS, language)],
	['credential', (language) => fieldTable(new BddFileApi().properties, language)],
	['trigger', (language) => fieldTable(triggerFields, language)],
	['trigger options', (language) => fieldTable(optionsOf(triggerFields), language)],
]);

/** The documents for users, as absolute paths. */
export const documents = (): string[] =>
	readdirSync(path.join(ROOT, 'docs'))
		.filter((name) => name.endsWith('.md'))
		.map((name) => path.join(ROOT, 'docs', name));

export const languageOf = (file: string): Language => (file.endsWith('.zh-CN.md') ? 'zh-CN' : 'en');

const MARKED = /(<!-- generated: ([^>]*) -->\n)[^]*?(<!-- end -->)/g;

/** The names of the tables in a document. */
export const regionsIn = (text: string): string[] =>
	[...text.matchAll(MARKED)].map(([, , name = '']) => name);

/** The document with its tables as they must be. */
export function withTables(text: string, language: Language): string {
	return text.replace(MARKED, (_, begin: string, name: string, end: string) => {
		const region = REGIONS.get(name);
		if (!region) throw new Error(`There is no table "${name}". Known are: ${[...REGIONS.keys()].join(', ')}`);
		return `${begin}\n${region(language)}\n\n${end}`;
	});
}
