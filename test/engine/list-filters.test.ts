import type { IDataObject } from 'n8n-workflow';

import { CHAT, chain, list, startWorld, step, type World } from './world';

describe('lists of some of the files', () => {
	let world: World;
	let directoryId: string;

	beforeAll(async () => {
		world = await startWorld();
		directoryId = world.service.addDirectory('docs');
		for (const place of [{ chatId: CHAT }, { directoryId }]) {
			const add = (filename: string, uploadAt: string, more: object = {}) =>
				world.service.addFile({ filename, uploadAt, ...place, ...more });
			await add('Report 1.pdf', '2026-01-01T00:00:00Z');
			await add('notes.txt', '2026-01-02T00:00:00Z');
			await add('annual-REPORT.pdf', '2026-01-03T00:00:00Z');
			await add('report.mov', '2026-01-04T00:00:00Z', { status: 'uploading', partSize: 5 << 20 });
			await add('report-x.pdf', 'some day');
		}
	});
	afterAll(() => world.close());

	const namesOf = async (parameters: IDataObject, options: IDataObject) => {
		const run = await world.run([step('List', { ...parameters, options })]);
		expect(run.error).toBeUndefined();
		return run.items('List').map(({ json }) => json.filename);
	};
	const inChat = (options: IDataObject, parameters: IDataObject = {}) => namesOf(list(parameters), options);
	const inDirectory = (options: IDataObject, parameters: IDataObject = {}) =>
		namesOf(
			{
				resource: 'directory',
				operation: 'listFiles',
				directoryId: { __rl: true, mode: 'id', value: directoryId },
				sortBy: 'upload_at_asc',
				...parameters,
			},
			options,
		);

	it('gives all by default, and with filters that say nothing', async () => {
		expect(await inChat({})).toHaveLength(5);
		expect(await inChat({ nameContains: '', onlyComplete: false, uploadedAfter: '' })).toHaveLength(5);
	});

	it('by a part of the name, in upper or lower case', async () => {
		expect(await inChat({ nameContains: 'Report' })).toEqual([
			'Report 1.pdf',
			'annual-REPORT.pdf',
			'report.mov',
			'report-x.pdf',
		]);
		expect(await inChat({ nameContains: 'nothing' })).toEqual([]);
	});

	it('whatever letters the name has', async () => {
		const names = ['STRAẞE.txt', 'straße.txt', 'ΠΑΡΟΥΣΙΑΣΗ.txt', 'παρουσίαση.txt', 're\u0301sume\u0301.txt'];
		for (const filename of names) await world.service.addFile({ filename, chatId: 'letters' });
		const found = (nameContains: string) => inChat({ nameContains }, { chatId: 'letters' });
		expect(await found('straße')).toEqual(names.slice(0, 2));
		// Alone it is a word that ends in Σ, whose small letter is another one there.
		expect(await found('ΠΑΡΟΥΣ')).toEqual(names.slice(2, 4));
		expect(await found('RÉSUMÉ')).toEqual(names.slice(4));
	});

	it.each([
		['a chat', () => inChat({ onlyComplete: 'yes' })],
		['a directory', () => inDirectory({ onlyComplete: true })],
	])('only complete ones of %s', async (_, names) => {
		expect((await names()).sort()).toEqual([
			'Report 1.pdf',
			'annual-REPORT.pdf',
			'notes.txt',
			'report-x.pdf',
		]);
	});

	it.each([
		['a chat', inChat],
		['a directory', inDirectory],
	])('uploaded after a time, and of an unknown time, of %s', async (_, names) => {
		const after = async (uploadedAfter: unknown) => (await names({ uploadedAfter } as IDataObject)).sort();
		expect(await after('2026-01-02T00:00:00Z')).toEqual(['annual-REPORT.pdf', 'report-x.pdf', 'report.mov']);
		expect(await after("={{ DateTime.fromISO('2026-01-03T08:00:00+08:00') }}")).toEqual([
			'report-x.pdf',
			'report.mov',
		]);
	});

	it('reads a time without a zone in the time zone of the workflow', async () => {
		const options = { uploadedAfter: '2026-01-02T12:00:00' };
		const namesIn = async (timezone: string) => {
			const workflow = chain([step('List', list({ options }))]);
			const run = await world.engine.run({ ...workflow, settings: { timezone } });
			return run.items('List').map(({ json }) => json.filename);
		};
		// Fourteen hours ahead of UTC, and eleven behind.
		expect(await namesIn('Pacific/Kiritimati')).toContain('notes.txt');
		expect(await namesIn('Pacific/Pago_Pago')).not.toContain('notes.txt');
	});

	it('all together, up to the limit, as the records are', async () => {
		const options = { nameContains: 'report', onlyComplete: true, uploadedAfter: '2026-01-01T12:00:00Z' };
		expect(await inChat(options)).toEqual(['annual-REPORT.pdf', 'report-x.pdf']);
		expect(await inChat(options, { limit: 1 })).toEqual(['annual-REPORT.pdf']);
		const [all, some] = await Promise.all(
			[{}, options].map(async (given) => {
				const run = await world.run([step('List', list({ options: given }))]);
				return run.items('List').map(({ json }) => json);
			}),
		);
		expect(all).toEqual(expect.arrayContaining(some ?? []));
	});

	it('says before any request which filter is none', async () => {
		world.forgetRequests();
		for (const [options, message] of [
			[{ uploadedAfter: 'soon' }, 'Uploaded After is no date or time: "soon"'],
			[{ onlyComplete: 'perhaps' }, 'Only Complete Files must be true or false'],
			[{ nameContains: '={{ [1] }}' }, 'Name Contains is a list, but must be text: [1]'],
		] as Array<[IDataObject, string]>) {
			const run = await world.run([step('List', list({ options }))]);
			expect(run.error?.message).toBe(message);
		}
		expect(world.requests).toEqual([]);
	});

	it('reads a long chat no further than to the last file that is asked for', async () => {
		for (let i = 0; i < 2000; i++)
			await world.service.addFile({ filename: i % 2 === 0 ? 'even.txt' : 'odd.txt', chatId: 'long' });
		world.forgetRequests();
		const names = await inChat({ nameContains: 'odd' }, { chatId: 'long', limit: 40 });
		expect(names).toEqual(Array.from({ length: 40 }, () => 'odd.txt'));
		expect(world.requests).toHaveLength(1);
	});
});
