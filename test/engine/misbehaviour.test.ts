import type { INode } from 'n8n-workflow';
import { readFile, writeFile, mkdir } from 'node:fs/promises';

import { faults, type Fault } from '../../harness/fault-proxy';
import { CHAT, download, list, namesIn, PROXIED, startWorld, step, sync, upload, type World } from './world';

/** One try: repeating is the client's business and tested there. */
const ONCE = { options: { maxTries: 1 } };
const FILE = { files: { data: { fileName: '报告.pdf', content: Buffer.from('abc') } } };

interface Case {
	title: string;
	fault: Fault;
	message: RegExp;
	/** The file has arrived all the same, and is found. */
	uploaded?: boolean;
}

const CASES: Case[] = [
	{
		title: '500 with an envelope',
		fault: faults.answer(500, { body: { code: 1, data: null, message: 'disk is full' } }),
		message: /disk is full/,
	},
	{
		title: '500 without a body',
		fault: faults.answer(500),
		message: /500/,
	},
	{
		title: '422',
		fault: faults.answer(422, {
			body: { detail: [{ loc: ['query', 'chat_id'], msg: 'field required', type: 'value_error.missing' }] },
		}),
		message: /field required/,
	},
	{
		title: 'HTML instead of JSON',
		fault: faults.answer(200, {
			headers: { 'content-type': 'text/html' },
			body: '<html><body><h1>Welcome to the gateway</h1></body></html>',
		}),
		message: /JSON|HTML/i,
	},
	{
		title: 'code 7 with HTTP 200',
		fault: faults.answer(200, { body: { code: 7, data: null, message: 'not your chat' } }),
		message: /not your chat/,
	},
	{
		title: 'an answer cut in the middle',
		fault: faults.cutResponse(5),
		message: /connection/i,
		uploaded: true,
	},
];

describe('row "an error with operation, file and the service\'s message; nothing half-written on disk"', () => {
	let world: World;
	beforeAll(async () => {
		world = await startWorld();
		await world.service.addFile({ filename: 'a.txt', content: 'content of a', chatId: CHAT });
	});
	beforeEach(() => world.proxy.clearScript());
	// Connections that nobody closed would stay for four seconds.
	afterEach(() => world.proxy.waitForNoSockets(3_000));
	afterAll(() => world.close());

	describe.each(CASES)('$title', ({ fault, message, uploaded = false }) => {
		it('in a list', async () => {
			world.proxy.script({ on: 'GET /listChatFiles', times: Infinity, fault });
			const { error } = await world.run([step('List', list(ONCE), PROXIED)]);

			expect(error?.message).toMatch(/^Listing chat "chat-1"/);
			expect(error?.message).toMatch(message);
			expect(error).toMatchObject({ description: expect.stringMatching(/\w/) as string });
		});

		it('in a sync, which writes nothing', async () => {
			world.proxy.script({ on: 'GET /listChatFiles', times: Infinity, fault });
			const folder = world.folder('nothing');
			await mkdir(folder, { recursive: true });
			const { error } = await world.run([step('Sync', sync('syncToLocal', folder, ONCE), PROXIED)]);

			expect(error?.message).toMatch(/^Listing chat "chat-1"/);
			expect(error?.message).toMatch(message);
			expect(await namesIn(folder)).toEqual([]);
		});

		it('in an upload', async () => {
			world.proxy.script({ on: 'POST /uploadSimpleFile', times: Infinity, fault });
			const biz = { biz: 'zero2x' };
			const run = await world.run([step('Upload', upload({ ...ONCE, ...biz }), PROXIED)], { input: [FILE] });

			if (uploaded) {
				expect(run.items('Upload')).toMatchObject([{ json: { status: 'success' } }]);
				return;
			}
			expect(run.error?.message).toMatch(/^Uploading "报告.pdf"/);
			expect(run.error?.message).toMatch(message);
		});
	});

	it('service down', async () => {
		await world.proxy.refuse(true);
		const runs = await Promise.all(
			[list(ONCE), download({ ...ONCE, fileId: 1 }), upload(ONCE)].map((parameters) =>
				world.run([step('BDD File', parameters, PROXIED)], { input: [FILE] }),
			),
		);
		await world.proxy.refuse(false);

		const refused = 'failed: the service refused the connection (ECONNREFUSED)';
		expect(runs.map(({ error }) => error?.message)).toEqual([
			`Listing chat "chat-1" ${refused}`,
			`Downloading file 1 ${refused}`,
			`Uploading "报告.pdf" ${refused}`,
		]);
	});

	it('a file that arrived and could not replace the older one fails with the id that it got', async () => {
		const name = 'replaced.txt';
		const old = await world.service.addFile({ filename: name, content: Buffer.from('old'), chatId: 'half' });
		world.proxy.script({ on: '/deleteFile', times: Infinity, fault: faults.answer(403) });
		const options = { fileName: name, ifExists: 'replace', maxTries: 1 };
		const settings: Partial<INode> = { ...PROXIED, onError: 'continueRegularOutput' };
		const run = await world.run([step('Upload', upload({ chatId: 'half', options }), settings)], {
			input: [FILE],
		});
		const [, added] = world.service.files().filter(({ filename }) => filename === name);
		expect(run.items('Upload').map(({ json }) => json)).toEqual([
			{
				status: 'failed',
				fileId: Number(added?.id),
				fileName: name,
				error: expect.stringContaining(
					`"${name}" was uploaded as file ${added?.id}, but what it replaces (file ${old}) is still there: Deleting file ${old} failed`,
				) as string,
			},
		]);
	});

	it('never shows a signed link', async () => {
		// An orderly end after more than a socket gives at once, so that some arrives: else there is nothing to continue by a link.
		const fileId = await world.service.addFile({ filename: 'b.bin', content: Buffer.alloc(200_000) });
		world.proxy.script(
			{ on: '/downloadFile', times: Infinity, fault: faults.cutResponse(100_000, 'fin') },
			{ on: /signedFile/, times: Infinity, fault: faults.answer(500) },
		);
		const { error } = await world.run([
			step('Download', download({ fileId, options: { maxTries: 2 } }), PROXIED),
		]);

		expect(error?.message).toMatch(/^Downloading file \d/);
		expect(world.proxy.requests.some(({ path }) => path.includes('signedFile'))).toBe(true);
		expect(JSON.stringify(error)).not.toMatch(/signature|signedFile|expires=/i);
	});

	it("never shows one that is in the service's own words", async () => {
		const link = 'http://storage:9000/files/a.txt?X-Amz-Signature=s3cret&X-Amz-Expires=600';
		const message = `the storage refused ${link}`;
		world.proxy.script({ on: '*', fault: faults.answer(200, { body: { code: 7, data: null, message } }) });
		const run = await world.run([
			step('Download', download({ fileId: 1 }), { ...PROXIED, onError: 'continueRegularOutput' }),
		]);

		expect(run.items('Download')[0]?.json.error).toBe(
			'Downloading file 1 failed: the storage refused http://storage:9000/files/a.txt… (code 7)',
		);
		expect(JSON.stringify(run.items('Download'))).not.toContain('s3cret');
	});

	it('row "download fails halfway over an existing file": the old file stays, no temporary file remains', async () => {
		const folder = world.folder('existing');
		await mkdir(folder);
		await writeFile(`${folder}/a.txt`, 'the old content');
		world.proxy.script({ on: /downloadFile|signedFile/, times: Infinity, fault: faults.cutResponse(4) });
		const run = await world.run([step('Sync', sync('syncToLocal', folder, ONCE), PROXIED)]);

		expect(run.items('Sync')[0]?.json).toMatchObject({
			status: 'failed',
			fileName: 'a.txt',
			error: expect.stringMatching(/./) as string,
		});
		expect(await readFile(`${folder}/a.txt`, 'utf8')).toBe('the old content');
		expect(await namesIn(folder)).toEqual(['a.txt']);
	});
});
