import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { IDataObject } from 'n8n-workflow';

import type { SyncItem } from '../../client';
import { RESOURCES } from '../../nodes/BddFile/actions/router';
import { CHAT, list, startWorld, step, sync, upload, type World } from './world';

const SCHEMAS = path.resolve(__dirname, '../../nodes/BddFile/__schema__/v1.0.0');

/** The part of JSON Schema that n8n's editor shows fields by. */
interface Schema {
	type: string | string[];
	properties?: Record<string, Schema>;
	items?: Schema;
}

/** Some come out only when deletions are carried over, or when a sync does not run. */
const SYNC_FIELDS: Record<keyof SyncItem, true> = {
	status: true,
	action: true,
	fileId: true,
	fileName: true,
	localPath: true,
	size: true,
	reason: true,
	error: true,
	notDeleted: true,
	localDirectory: true,
};

/** Where a value is not what the schema says, by its path. */
function misfits(value: unknown, schema: Schema | undefined, at: string): string[] {
	if (schema === undefined) return [`${at} is not in the schema`];
	const type = Array.isArray(value) ? 'array' : typeof value;
	if (![schema.type].flat().includes(type)) return [`${at} is ${type}`];
	if (Array.isArray(value)) return value.flatMap((element) => misfits(element, schema.items, `${at}[]`));
	if (typeof value !== 'object' || value === null) return [];
	return Object.entries(value)
		.filter(([, field]) => field !== undefined)
		.flatMap(([name, field]) => misfits(field, schema.properties?.[name], `${at}.${name}`));
}

describe("what n8n's editor shows of an operation's output before it has run is what comes out", () => {
	let world: World;
	beforeEach(async () => (world = await startWorld()));
	afterEach(() => world.close());

	/** The operations that have been held against theirs. */
	const checked = new Set<string>();

	/** Runs it, and answers its items once they have been held against the schema. */
	const check = async (parameters: IDataObject & { resource: string; operation: string }, input?: object) => {
		const run = await world.run(
			[step('Step', parameters, { onError: 'continueRegularOutput' })],
			input ? { input: [input] } : {},
		);
		expect(run.error).toBeUndefined();
		const items = run.items('Step').map(({ json }) => json);
		expect(items).not.toEqual([]);
		checked.add(`${parameters.resource}/${parameters.operation}`);
		const file = path.join(SCHEMAS, parameters.resource, `${parameters.operation}.json`);
		const schema = JSON.parse(await readFile(file, 'utf8')) as Schema;
		expect(items.flatMap((item) => misfits(item, schema, 'item'))).toEqual([]);
		return { items, fields: Object.keys(schema.properties ?? {}) };
	};
	const FILE = { files: { data: { fileName: 'a.txt', content: Buffer.from('abc') } } };
	const addFile = async (filename: string, more: object = {}) =>
		await world.service.addFile({ filename, content: 'abc', chatId: CHAT, ...more });
	const keysOf = (...lists: IDataObject[][]) => [...new Set(lists.flat().flatMap(Object.keys))].sort();
	const file = (operation: string, parameters: IDataObject) => ({
		resource: 'file',
		operation,
		...parameters,
	});

	it('lists: records of files and of directories', async () => {
		const directoryId = world.service.addDirectory('docs');
		await addFile('a.txt');
		await world.service.addFile({ filename: 'b.txt', directoryId });
		await addFile('c.mov', { status: 'uploading', partSize: 5 << 20 });
		const inChat = await check(list());
		const inDirectory = await check({
			resource: 'directory',
			operation: 'listFiles',
			directoryId: { __rl: true, mode: 'id', value: directoryId },
		});
		const directories = await check({ resource: 'directory', operation: 'list' });

		for (const { items, fields } of [inChat, inDirectory, directories])
			expect(keysOf(items)).toEqual([...fields].sort());
	});

	it('upload: new, replaced, skipped and failed', async () => {
		const made = await check(upload(), FILE);
		const replaced = await check(upload({ options: { ifExists: 'replace' } }), FILE);
		const skipped = await check(upload({ options: { ifExists: 'skip' } }), FILE);
		const failed = await check(upload({ binaryPropertyName: 'none' }), FILE);

		expect(keysOf(made.items, replaced.items, skipped.items, failed.items)).toEqual([...made.fields].sort());
	});

	it('download: to binary data, to disk, skipped and failed', async () => {
		const fileId = await addFile('a.txt');
		const toDisk = { fileId, destination: 'path', filePath: path.join(world.engine.filesFolder, 'a.txt') };
		const binary = await check(file('download', { fileId }));
		const disk = await check(file('download', toDisk));
		const skipped = await check(file('download', { ...toDisk, options: { ifExists: 'skip' } }));
		const failed = await check(file('download', { fileId: '404' }));

		expect(keysOf(binary.items, disk.items, skipped.items, failed.items)).toEqual([...disk.fields].sort());
	});

	it('link and deletion, skipped and failed', async () => {
		const fileId = await addFile('a.txt');
		const link = await check(file('getUrl', { fileId }));
		const noLink = await check(file('getUrl', { fileId: '404' }));
		expect(keysOf(link.items, noLink.items)).toEqual([...link.fields].sort());

		const deleted = await check(file('delete', { fileId }));
		const skipped = await check(file('delete', { fileId, options: { ifMissing: 'skip' } }));
		const failed = await check(file('delete', { fileId }));
		expect(keysOf(deleted.items, skipped.items, failed.items)).toEqual([...deleted.fields].sort());
	});

	it.each(['syncToLocal', 'syncToRemote', 'syncBoth'] as const)(
		'%s: transferred, unchanged, skipped and failed files',
		async (operation) => {
			const folder = world.folder('sync');
			await mkdir(folder);
			await writeFile(path.join(folder, 'local.txt'), 'abc');
			await addFile('remote.txt');
			await addFile('..');
			await addFile('c.mov', { status: 'uploading', partSize: 5 << 20 });
			const first = await check(sync(operation, folder));
			const second = await check(sync(operation, folder));
			const statuses = new Set([...first.items, ...second.items].map(({ status }) => status));
			expect([...statuses]).toEqual(expect.arrayContaining(['success', 'skipped']));
			expect([...first.fields].sort()).toEqual(Object.keys(SYNC_FIELDS).sort());
		},
	);

	it('all operations: none is left out above', () => {
		const all = RESOURCES.flatMap(({ entry: resource, operations }) =>
			operations.map(({ entry }) => `${String(resource.value)}/${entry.value}`),
		);
		expect([...checked].sort()).toEqual(all.sort());
	});
});
