/** What the service says is quoted shortly, searched quickly, and never quoted where it may hold a secret. */
import { inspect } from 'node:util';

import { ServiceError } from '../../client';
import { endless, http, ok, type Answer } from './support/answers';
import { apart } from './support/apart';
import { failureOf, filesIn, scenario } from './support/scenario';
import type { HostileService } from './support/service';
import { CHAT } from './support/store';

const repeated = (text: string) => text.repeat(Math.ceil(400_000 / text.length));

describe('a body of 400 KB is searched in no time', () => {
	it.concurrent.each(['<h1', '<title', '<h1 <title '])('%j, repeated', (text) =>
		scenario(async ({ service }) => {
			service.on('listChatFiles', () => http(400, repeated(text)));
			const report = await apart({ baseUrl: service.url, call: 'list' }, { seconds: 20 });
			expect(report).toMatchObject({ ended: 'rejected', error: { name: 'ServiceError' } });
			expect(report.stalled).toBeLessThan(3000);
		}),
	);

	it('nor is there another text that takes long', () =>
		scenario(async ({ service }) => {
			const texts = ['<title>', '<', '<h1>', ' ', '\n', '[', '{"a":', '"\\', '1', ':1234567890123456,', '[ '];
			service.on('listChatFiles', () => http(400, repeated(texts[service.calls.length - 1] ?? '')));
			const task = { baseUrl: service.url, call: 'list', repeat: texts.length } as const;
			const report = await apart(task, { seconds: 20 });
			expect(report).toMatchObject({ ended: 'rejected', error: { name: 'ServiceError' } });
			expect(service.calls).toHaveLength(texts.length);
			expect(report.stalled).toBeLessThan(3000);
		}));
});

/** Long texts in every place of an answer that an error may quote. */
const LONG: [what: string, answer: Answer][] = [
	['a message', jsonOf(200, { code: 1, data: null, message: repeated('words ') })],
	['a message without a blank', jsonOf(500, { code: 1, data: null, message: repeated('x') })],
	['a detail', jsonOf(422, { detail: repeated('words ') })],
	[
		'many details',
		jsonOf(422, { detail: Array(10_000).fill({ loc: ['body', 'a'], msg: 'Field required' }) }),
	],
	['a place in a detail', jsonOf(422, { detail: [{ loc: Array(10_000).fill('deep'), msg: 'no' }] })],
	['a detail of another form', jsonOf(422, { detail: [{ why: repeated('words ') }] })],
	['a title', http(502, `<title>${repeated('Bad Gateway ')}</title>`)],
	['a text', http(200, repeated('words '))],
	['a number', http(200, repeated('1'))],
	['an unknown form', jsonOf(200, [repeated('words ')])],
];

function jsonOf(status: number, value: unknown): Answer {
	return { status, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(value) };
}

describe('a quoted text has at most 500 characters', () => {
	it.each(LONG)('%s', (_, answer) =>
		scenario(async ({ service, client }) => {
			service.on('deleteFile', () => answer);
			const error = await failureOf(client.delete(1, { maxTries: 1 }));
			if (!(error instanceof ServiceError)) throw error;
			// With the mark of an omission. What was being done and the status are the client's own words around it.
			expect(error.serviceMessage.length).toBeLessThanOrEqual(505);
			expect(error.message.length).toBeLessThan(700);
			expect(error.description.length).toBeLessThan(700);
		}),
	);

	it('a name of 100,000 characters, in an item of a sync', () =>
		scenario(async ({ service, client, folder }) => {
			service.store.add({ filename: 'x'.repeat(100_000), bytes: Buffer.from('x') });
			const [item] = await client.syncChatFilesToLocal({ chatId: CHAT, localDirectory: folder });
			expect(item?.status).toBe('failed');
			expect(item?.error?.length).toBeLessThan(1000);
		}));
});

describe('what a storage says is never quoted', () => {
	const KEY = 'AKIAIOSFODNN7EXAMPLE';
	const SIGNATURE = 'frJIUN8DYpKDtOLCwoyllqDzg';
	const XML = `<?xml version="1.0"?><Error><Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>${KEY}</AWSAccessKeyId><SignatureProvided>${SIGNATURE}</SignatureProvided></Error>`;
	const xml = http(403, XML, { 'Content-Type': 'application/xml' });
	const elsewhere = ({ port }: HostileService) =>
		`http://localhost:${port}/signed/1?AWSAccessKeyId=${KEY}&Signature=${SIGNATURE}`;

	const saysNothing = (error: unknown) => {
		const everything = inspect(error, { depth: 20, showHidden: true });
		expect(everything).not.toContain(KEY);
		expect(everything).not.toContain(SIGNATURE);
	};

	it.each<[string, Answer]>([
		['XML', xml],
		['XML that says it is text', http(403, XML, { 'Content-Type': 'text/plain' })],
		['JSON', jsonOf(403, { code: 1, data: null, message: `Key ${KEY}, signature ${SIGNATURE}` })],
		['JSON that is no envelope', jsonOf(403, { key: KEY, signature: SIGNATURE })],
		['a page', http(403, `<title>${KEY} ${SIGNATURE}</title>`)],
		['text', http(403, `${KEY} ${SIGNATURE}`, { 'Content-Type': 'text/plain' })],
	])('%s, after a redirect to another host', (_, answer) =>
		scenario(async ({ service, client, log }) => {
			service.on('downloadFile', () => http(302, '', { Location: elsewhere(service) }));
			service.on('signed', () => answer);
			const error = await failureOf(client.download(1, { maxTries: 2 }));
			expect(error.message).toMatch(/^Downloading file 1/);
			saysNothing(error);
			saysNothing(log);
		}),
	);

	it('XML of the service itself', () =>
		scenario(async ({ service, client, log }) => {
			service.on('downloadFile', () => xml);
			saysNothing(await failureOf(client.download(1)));
			service.on('listChatFiles', () => xml);
			saysNothing(await failureOf(client.listChatFiles(CHAT)));
			saysNothing(log);
		}));

	it('the target of a redirect that leads nowhere', () =>
		scenario(async ({ service, client, log }) => {
			service.on('downloadFile', () =>
				http(302, '', { Location: `http://127.0.0.1:1/signed?Signature=${SIGNATURE}&AWSAccessKeyId=${KEY}` }),
			);
			saysNothing(await failureOf(client.download(1, { maxTries: 2 })));
			saysNothing(log);
		}));
});

describe('a redirect to nowhere is a BddFileError', () => {
	it.each([
		'http://',
		'http://[',
		'https://:99999/',
		'ftp://127.0.0.1/',
		'file:///etc/passwd',
		'javascript:1',
		'//',
	])('Location: %s', (location) =>
		scenario(async ({ service, client }) => {
			service.on('listChatFiles', () => http(302, '', { Location: location }));
			service.on('downloadFile', () => http(307, '', { Location: location }));
			await failureOf(client.listChatFiles(CHAT, { maxTries: 2 }));
			await failureOf(client.download(1, { maxTries: 2 }));
		}),
	);

	it('a link that is none', () =>
		scenario(async ({ service, client }) => {
			service.on('getFileDownloadUrl', () => ok('http://'));
			await failureOf(client.getDownloadUrl(1));
		}));
});

describe('a body is never read beyond what was announced', () => {
	it('six files listed with 10 bytes and an endless body', () =>
		scenario(async ({ service, folder }) => {
			for (let index = 0; index < 6; index += 1) service.store.add({ filename: `${index}`, size: 10 });
			service.on('downloadFile', () => endless());
			service.on('signed', () => endless());
			const options = { localDirectory: folder };
			const report = await apart({ baseUrl: service.url, call: 'syncToLocal', options });
			expect(report).toMatchObject({ ended: 'resolved', value: Array(6).fill({ status: 'failed' }) });
			expect(report.grown).toBeLessThan(100);
			expect(await filesIn(folder)).toEqual([]);
		}));

	it.concurrent.each([
		['an endless list', () => endless(200, { 'Content-Type': 'application/json' })],
		['an endless error', () => endless(500, { 'Content-Type': 'text/html' })],
	])('%s', (_, answer) =>
		scenario(async ({ service }) => {
			service.on('listChatFiles', answer);
			const report = await apart({ baseUrl: service.url, call: 'list', options: { maxTries: 2 } });
			expect(report).toMatchObject({ ended: 'rejected', error: { isBddFileError: true } });
			expect(report.grown).toBeLessThan(100);
		}),
	);
});
