import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import type { INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';

import { BddFileApi } from '../../credentials/BddFileApi.credentials';
import { BddFile } from '../../nodes/BddFile/BddFile.node';
import { BddFileTrigger } from '../../nodes/BddFileTrigger/BddFileTrigger.node';

type Entry = INodePropertyOptions | INodeProperties | INodePropertyCollection;

/** Every field, option and choice of a panel, however deep. */
function entriesOf(fields: readonly Entry[]): Entry[] {
	return fields.flatMap((field) => [field, ...entriesOf('options' in field ? (field.options ?? []) : [])]);
}

const labelOf = (entry: Entry) => ('displayName' in entry ? entry.displayName : entry.name);
const descriptionOf = (entry: Entry) => ('description' in entry ? (entry.description ?? '') : '');
const isField = (entry: Entry): entry is INodeProperties => 'type' in entry;

const NODES = [new BddFile().description, new BddFileTrigger().description];
const CREDENTIAL = entriesOf(new BddFileApi().properties);
const ENTRIES = [...NODES.flatMap(({ properties }) => entriesOf(properties)), ...CREDENTIAL];
const LABELS = new Set(ENTRIES.map(labelOf));

const ROOT = path.join(__dirname, '../..');
const SOURCES = ['client', 'nodes', 'credentials'].flatMap((folder) =>
	readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
		.filter((name) => name.endsWith('.ts'))
		.map((name) => ({ name, text: readFileSync(path.join(ROOT, folder, name), 'utf8') })),
);

/** What the code says the user is to look for, by its label. */
const mentions = (pattern: RegExp) =>
	SOURCES.flatMap(({ name, text }) => [...text.matchAll(pattern)].map(([, label = '']) => ({ name, label })));

describe('what a sentence tells the user to look for is there', () => {
	it('options and switches, by their labels', () => {
		const named = mentions(/\b(?:options?|switch(?: on)?|mode|operation) \\?"([A-Z][^"\\$]*)\\?"/g);
		expect(named.length).toBeGreaterThan(15);
		expect(named.filter(({ label }) => !LABELS.has(label))).toEqual([]);
	});

	it('the switch for a certificate that nobody trusts, in the credential', () => {
		const switches = CREDENTIAL.filter(isField).filter(({ type }) => type === 'boolean');
		expect(switches.map(({ displayName }) => displayName)).toEqual(['Ignore SSL Issues (Insecure)']);
		expect(SOURCES.find(({ name }) => name === 'api/connection-error.ts')?.text).toContain(
			'switch on "Ignore SSL Issues (Insecure)" in the credential',
		);
	});

	it('other fields, in the descriptions of the panel', () => {
		const texts = ENTRIES.map(descriptionOf).join('\n');
		const named = [
			...texts.matchAll(/\b(?:the|of|for|over|unless|when|only) ((?:[A-Z][a-z]+ ){1,3}(?:\(%\))?)/g),
		];
		const known = [...LABELS].join('\n');
		const strange = named
			.map(([, words = '']) => words.trim())
			.filter((words) => words.includes(' ') && !known.includes(words));
		// Those of n8n.
		expect([...new Set(strange)].sort()).toEqual(['Chat Trigger', 'On Error']);
	});
});

/** What n8n's own tab "Settings" of every node says. */
const N8N_SETTINGS = [
	'Always Output Data',
	'Execute Once',
	'Retry On Fail',
	'Max. Tries',
	'Wait Between Tries (ms)',
	'On Error',
	'Notes',
	'Display Note in Flow?',
];

const letters = (label: string) => label.toLowerCase().replace(/[^a-z]/g, '');

it("no label reads like one of n8n's own settings", () => {
	const taken = new Set(N8N_SETTINGS.map(letters));
	expect([...LABELS].filter((label) => taken.has(letters(label)))).toEqual([]);
});

it('a number that measures something has its unit in its label', () => {
	const counted = new Set(['limit', 'concurrency', 'maxTries']);
	const measures = ENTRIES.filter(isField).filter(
		({ type, name }) => type === 'number' && !counted.has(name),
	);
	expect([...new Set(measures.map(({ displayName }) => displayName))].sort()).toEqual([
		'Days in Trash',
		'Expires In (Seconds)',
		'Max Delete (%)',
		'Part Size (MiB)',
		'Timeout (Seconds)',
	]);
});

it('what deletes says that it is for good, in the menu already', () => {
	const entries = ENTRIES.filter(({ name }) => /^(?:Delete|Replace)$/.test(name));
	expect(entries.map(({ name }) => name).sort()).toEqual(['Delete', 'Replace']);
	for (const entry of entries) expect(descriptionOf(entry)).toMatch(/for good/);
});

it('a sync says what goes where', () => {
	const syncs = ENTRIES.filter(({ name }) => name.startsWith('Sync '));
	expect(syncs.map((entry) => [entry.name, descriptionOf(entry)])).toEqual([
		['Sync Both Ways', expect.stringContaining('changes of each side go to the other')],
		['Sync Chat to Folder', expect.stringMatching(/^Download the files of a chat into a folder/)],
		['Sync Folder to Chat', expect.stringMatching(/^Upload the files of a folder .* to a chat/)],
	]);
});
