import type { INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';

import { PROFILE_URLS } from '../../client';
import { BddFileApi } from '../../credentials/BddFileApi.credentials';
import { BddFile } from '../../nodes/BddFile/BddFile.node';
import { RESOURCES } from '../../nodes/BddFile/actions/router';
import { BddFileTrigger } from '../../nodes/BddFileTrigger/BddFileTrigger.node';

const { properties } = new BddFile().description;

const shownFor = (resource: string, operation: string) =>
	properties.filter(({ displayOptions, name }) => {
		const show = displayOptions?.show ?? {};
		if (show['@tool'] !== undefined) return false;
		return name !== 'operation' && show.resource?.includes(resource) && show.operation?.includes(operation);
	});

type Option = INodePropertyOptions | INodeProperties | INodePropertyCollection;
const isField = (option: Option): option is INodeProperties => 'type' in option;
const optionsOf = (fields: INodeProperties[]) =>
	(fields.find(({ name }) => name === 'options')?.options ?? []).filter(isField);

/** The parameters that workflows depend on, with their defaults. */
const PARAMETERS: Record<string, Record<string, unknown>> = {
	'file.upload': {
		source: 'binary',
		filePath: '',
		binaryPropertyName: 'data',
		biz: 'default',
		chatId: '={{ $json.chatId ?? $json.chat_id ?? $json.biz_params?.chat_id ?? $json.sessionId }}',
		bizParams: '{}',
		mode: 'default',
		splitByStatus: false,
	},
	'file.download': {
		fileId: { mode: 'id', value: '={{ $json.fileId ?? $json.id }}' },
		destination: 'binary',
		filePath: '',
		binaryPropertyName: 'data',
		splitByStatus: false,
	},
	'file.getUrl': { fileId: { mode: 'id', value: '={{ $json.fileId ?? $json.id }}' }, expiresIn: 600 },
	'file.delete': {
		fileId: {
			mode: 'id',
			value: expect.stringContaining("['failed', 'skipped'].includes($json.status)") as string,
		},
		splitByStatus: false,
	},
	'chat.list': {
		chatId: '={{ $json.chatId ?? $json.chat_id ?? $json.biz_params?.chat_id ?? $json.sessionId }}',
		returnAll: false,
		limit: 50,
	},
	'chat.syncBoth': {
		chatId: '={{ $json.chatId ?? $json.chat_id ?? $json.biz_params?.chat_id ?? $json.sessionId }}',
		localDirectory: '',
		splitByStatus: false,
	},
	'chat.syncToLocal': {
		chatId: '={{ $json.chatId ?? $json.chat_id ?? $json.biz_params?.chat_id ?? $json.sessionId }}',
		localDirectory: '',
		splitByStatus: false,
	},
	'chat.syncToRemote': {
		chatId: '={{ $json.chatId ?? $json.chat_id ?? $json.biz_params?.chat_id ?? $json.sessionId }}',
		localDirectory: '',
		splitByStatus: false,
	},
	'directory.list': { returnAll: false, limit: 50, name: '', sortBy: 'name_asc' },
	'directory.listFiles': {
		directoryId: { mode: 'list', value: '' },
		returnAll: false,
		limit: 50,
		name: '',
		sortBy: 'name_asc',
	},
};

/** What all syncs have. */
const SYNC = [
	'concurrency',
	'dryRun',
	'exclude',
	'failIfAnyFailed',
	'ifRunning',
	'include',
	'maxDelete',
	'output',
	'propagateDeletes',
	'trashDays',
];

const OPTIONS: Record<string, string[]> = {
	'file.upload': ['concurrency', 'fileName', 'ifExists', 'partSize', 'resume', 'resumeFileId'],
	'file.download': ['fileName', 'ifExists', 'verify'],
	'file.getUrl': [],
	'file.delete': ['ifMissing'],
	'chat.list': ['nameContains', 'onlyComplete', 'uploadedAfter'],
	'chat.syncBoth': [...SYNC, 'conflict', 'partSize', 'verify'],
	'chat.syncToLocal': [...SYNC, 'duplicateNames', 'ifExists', 'verify'],
	'chat.syncToRemote': [...SYNC, 'ifExists', 'partSize', 'recursive'],
	'directory.list': [],
	'directory.listFiles': ['onlyComplete', 'uploadedAfter'],
};

const KEYS = Object.keys(PARAMETERS).map((key) => key.split('.') as [string, string]);

describe("the node's panel", () => {
	it.each(KEYS)('%s %s: exactly its parameters, with their defaults', (resource, operation) => {
		const fields = shownFor(resource, operation);

		expect(Object.fromEntries(fields.map((field) => [field.name, field.default]))).toEqual({
			...PARAMETERS[`${resource}.${operation}`],
			options: {},
		});
	});

	it.each(KEYS)('%s %s: exactly its options, sorted by what the user reads', (resource, operation) => {
		const options = optionsOf(shownFor(resource, operation));
		const always = ['maxTries', 'timeout', 'userId'];

		expect(options.map(({ name }) => name).sort()).toEqual(
			[...(OPTIONS[`${resource}.${operation}`] ?? []), ...always].sort(),
		);
		const labels = options.map(({ displayName }) => displayName);
		expect(labels).toEqual([...labels].sort());
	});

	it('what can destroy something says what, and what guards it; by default nothing is removed or lost', () => {
		const defaults = Object.fromEntries(
			['syncBoth', 'syncToLocal', 'syncToRemote'].map((operation) => [
				operation,
				new Map(optionsOf(shownFor('chat', operation)).map((option) => [option.name, option])),
			]),
		);
		for (const options of Object.values(defaults)) {
			expect(options.get('propagateDeletes')).toMatchObject({
				default: false,
				description: expect.stringMatching(/earlier sync has seen on both sides.*Max Delete/) as string,
			});
			expect(options.get('maxDelete')).toMatchObject({ default: 50 });
			expect(options.get('trashDays')).toMatchObject({ default: 30 });
			expect(options.get('ifRunning')).toMatchObject({ default: 'wait' });
			expect(options.get('output')).toMatchObject({ default: 'all' });
		}
		expect(defaults.syncBoth?.get('conflict')).toMatchObject({ default: 'keepBoth' });
		expect(defaults.syncToLocal?.get('ifExists')).toMatchObject({ default: 'skipUnchanged' });
		expect(defaults.syncToRemote?.get('ifExists')).toMatchObject({ default: 'skip' });
		expect(defaults.syncToLocal?.get('propagateDeletes')?.description).toMatch(/\.bdd-file-trash/);
	});

	it('every parameter and option says what it is for, so that an AI model can fill it in', () => {
		const all = [...properties, ...properties.flatMap((property) => optionsOf([property]))];
		const silent = all.filter(
			({ name, type, description }) =>
				!['resource', 'operation', 'options'].includes(name) && type !== 'notice' && !description,
		);

		expect(silent.map(({ name }) => name)).toEqual([]);
	});

	it.each(KEYS)('%s %s: tells an AI model what it is for', (resource, operation) => {
		const texts = properties.filter(
			({ name, displayOptions }) =>
				name === 'toolDescription' &&
				displayOptions?.show?.resource?.includes(resource) &&
				displayOptions.show.operation?.includes(operation),
		);

		expect(texts).toHaveLength(1);
		const text = texts[0]?.default as string;
		expect(texts[0]?.displayOptions?.show?.['@tool']).toEqual([true]);
		// What services of AI models take.
		expect(text.length).toBeLessThanOrEqual(1024);
		expect(text).toMatch(/file|director/);
	});

	const menu = (field: string, resource?: string) =>
		properties.find(
			({ name, displayOptions }) =>
				name === field && (!resource || displayOptions?.show?.resource?.includes(resource)),
		);
	const entries = (field: string, resource?: string) =>
		(menu(field, resource)?.options ?? []) as INodePropertyOptions[];

	it('offers exactly these operations, sorted by what the user reads, and each has an action text', () => {
		const resources = entries('resource').map(({ value }) => String(value));
		const offered = resources.flatMap((resource) =>
			entries('operation', resource).map(({ value }) => `${resource}.${String(value)}`),
		);
		expect(offered.sort()).toEqual(KEYS.map((key) => key.join('.')).sort());

		for (const choices of resources.map((resource) => entries('operation', resource))) {
			const names = choices.map(({ name }) => name);
			expect(names).toEqual([...names].sort());
			expect(choices.every(({ action }) => action)).toBe(true);
		}
	});

	it.each([
		['file', 'upload'],
		['chat', 'list'],
		['directory', 'list'],
	])('a new node for %s is set to %s', (resource, operation) => {
		expect(menu('operation', resource)?.default).toBe(operation);
	});

	it('says of every operation with a local folder where that folder is, and of no other', () => {
		const withFolder = KEYS.filter(([resource, operation]) =>
			shownFor(resource, operation).some(({ name }) => name === 'localDirectory'),
		).map(([, operation]) => operation);
		const [hint] = new BddFile().description.hints ?? [];

		expect(withFolder).toEqual(['syncBoth', 'syncToLocal', 'syncToRemote']);
		expect(hint?.displayCondition).toBe(
			'={{ ["syncBoth","syncToLocal","syncToRemote"].includes($parameter["operation"]) }}',
		);
	});

	it('runs the items of a sync one at a time, those of the others several at once', () => {
		const oneAtATime = RESOURCES.flatMap(({ operations }) => operations).filter(
			(operation) => operation.oneAtATime,
		);

		expect(oneAtATime.map(({ entry }) => entry.value)).toEqual(['syncBoth', 'syncToLocal', 'syncToRemote']);
	});
});

describe("the trigger's panel", () => {
	const { description } = new BddFileTrigger();
	const options = optionsOf(description.properties);

	it('has exactly its parameters, with their defaults', () => {
		expect(description.name).toBe('bddFileTrigger');
		expect(description.polling).toBe(true);
		expect(Object.fromEntries(description.properties.map((field) => [field.name, field.default]))).toEqual({
			watch: 'chat',
			chatId: '',
			directoryId: { mode: 'list', value: '' },
			downloadFiles: false,
			binaryPropertyName: 'data',
			options: {},
		});
	});

	it('has exactly its options, sorted by what the user reads', () => {
		expect(options.map(({ name }) => name).sort()).toEqual(
			['includeExisting', 'include', 'exclude', 'userId', 'timeout', 'maxTries'].sort(),
		);
		const labels = options.map(({ displayName }) => displayName);
		expect(labels).toEqual([...labels].sort());
	});

	it('says of every parameter and option what it is for', () => {
		const silent = [...description.properties, ...options].filter(
			(field) => field.name !== 'options' && !field.description,
		);
		expect(silent.map(({ name }) => name)).toEqual([]);
	});

	it('takes the chat or the directory from the panel, as there is no input item', () => {
		const shown = (watch: string) =>
			description.properties
				.filter(({ displayOptions }) => displayOptions?.show?.watch?.includes(watch))
				.map(({ name }) => name);
		expect([shown('chat'), shown('directory')]).toEqual([['chatId'], ['directoryId']]);
	});
});

it('the credential has the fields that workflows depend on', () => {
	const { name, properties: fields } = new BddFileApi();

	expect(name).toBe('bddFileApi');
	expect(Object.fromEntries(fields.map((field) => [field.name, field.default]))).toEqual({
		profile: 'dev',
		baseUrl: '',
		userId: '',
		biz: 'chat',
		mode: 'auto',
		allowUnauthorizedCerts: false,
	});
});

it('the credential shows the address that each profile stands for', () => {
	const profiles = new BddFileApi().properties[0]?.options as INodePropertyOptions[];
	for (const [profile, url] of Object.entries(PROFILE_URLS))
		expect(profiles.find(({ value }) => value === profile)?.description).toContain(url);
});

it('the canvas says in words what the node does', () => {
	const { subtitle = '' } = new BddFile().description;
	const texts = JSON.parse(/^=\{\{ \((.*)\)\[/.exec(subtitle)?.[1] ?? '{}') as Record<string, string>;
	expect(Object.keys(texts).sort()).toEqual(KEYS.map((key) => key.join(' ')).sort());
	expect(texts['chat syncToRemote']).toBe('Sync a local folder to a chat');
});

it.each([
	['BDD File', new BddFile()],
	['BDD File Trigger', new BddFileTrigger()],
])('%s has every method that its description names', (_, { description, methods }) => {
	const searches = JSON.stringify(description.properties).matchAll(/"searchListMethod":"(\w+)"/g);
	expect(methods).toMatchObject({
		credentialTest: { testBddFileApi: expect.any(Function) as unknown },
		listSearch: Object.fromEntries(
			Array.from(searches, ([, name]) => [name, expect.any(Function) as unknown]),
		) as unknown,
	});
	expect(description.credentials?.map(({ testedBy }) => testedBy)).toEqual(['testBddFileApi']);
});
