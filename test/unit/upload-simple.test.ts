/** One request carries a file: what is made of each answer that is no id, and of a source that changes. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';

import { BddFileApi, type CallContext } from '../../client/api/api';
import {
	CancelledError,
	ConnectionError,
	LocalFileError,
	ServiceError,
	UnknownOutcomeError,
} from '../../client/api/errors';
import { bufferSource, type UploadSource } from '../../client/transfer/source';
import { uploadSettings } from '../../client/transfer/upload/settings';
import { uploadSimple } from '../../client/transfer/upload/simple';
import { SIMPLE_LIMIT_BYTES, uploadFile } from '../../client/transfer/upload/upload';
import type { UploadMode } from '../../client';
import { afterThisTest, failureOf, oddServer } from '../faults/odd-server';
import { http, refused, type Reaction } from '../hostile/support/answers';
import { atService, contextWith, IN_CHAT, toldProgress } from './at-service';

const BYTES = Buffer.from('0123456789');
const MD5 = createHash('md5').update(BYTES).digest('hex');
const SETTINGS = uploadSettings({}, {}, new Set());

const send = async (
	api: BddFileApi,
	more: Partial<CallContext> = {},
	source: UploadSource = bufferSource('a.bin', BYTES),
	lines: string[] = [],
) =>
	await uploadSimple(
		api,
		source,
		{ ...IN_CHAT, fileName: source.fileName, size: source.size },
		SETTINGS,
		toldProgress(lines, source.size),
		contextWith(more),
	);

const redirect = (status: number) => http(status, '', { Location: '/elsewhere' });

describe('a whole file that gets for an answer', () => {
	it.each<[string, Reaction]>([
		['nothing', 'silence'],
		['the end of the connection', 'reset'],
		['HTTP 408', http(408)],
		['HTTP 500', http(500)],
		['HTTP 500, and to come back in an hour', http(500, '', { 'Retry-After': '3600' })],
		['HTTP 502', http(502)],
		['HTTP 503', http(503)],
		['a page', http(200, '<p>Thank you</p>')],
		['HTTP 301', redirect(301)],
		['HTTP 302', redirect(302)],
		['HTTP 303', redirect(303)],
	])('%s may be there, and is looked for', (_, answer) =>
		atService(async ({ service, api }) => {
			service.on('uploadSimpleFile', (work) => (work(), answer));
			const timeoutMs = answer === 'silence' ? 400 : 10_000;
			expect(await send(api, { timeoutMs, maxTries: 2 })).toEqual({ id: '1', md5: MD5 });
			expect(service.count('uploadSimpleFile')).toBe(1);
		}),
	);

	it.each<[string, Reaction]>([
		['a no', refused('quota exceeded')],
		['HTTP 400', http(400)],
		['HTTP 429', http(429)],
		['HTTP 307', redirect(307)],
	])('%s is not there, and is not looked for', (_, answer) =>
		atService(async ({ service, api }) => {
			service.on('uploadSimpleFile', () => answer);
			expect(await failureOf(send(api))).toBeInstanceOf(ServiceError);
			expect(service.calls).toHaveLength(1);
		}),
	);

	it('its id is there, and is not looked for', () =>
		atService(async ({ service, api }) => {
			expect(await send(api)).toEqual({ id: '1', md5: MD5 });
			expect(service.calls).toHaveLength(1);
		}));

	it('nothing, and that is not found, may still be at work', () =>
		atService(async ({ service, api }) => {
			service.on('uploadSimpleFile', () => 'silence');
			const error = await failureOf(send(api, { timeoutMs: 400, maxTries: 2 }));
			expect(error).toBeInstanceOf(UnknownOutcomeError);
			expect(error.message).toContain('because it may still be at work. ');
			expect(service.count('uploadSimpleFile')).toBe(1);
		}));

	it('the end of the connection, and that is not found, is sent again', () =>
		atService(async ({ service, api }) => {
			service.on('uploadSimpleFile', () => 'reset', 1);
			const lines: string[] = [];
			const source = bufferSource('a.bin', BYTES);
			expect(await send(api, { maxTries: 2 }, source, lines)).toEqual({ id: '1', md5: MD5 });
			expect(lines).toEqual(['10 bytes of 10 bytes', '10 bytes of 10 bytes']);
		}));

	it('nothing, since it is cancelled, is not looked for', () =>
		atService(async ({ service, api }) => {
			const stop = new AbortController();
			const told: string[] = [];
			service.on('uploadSimpleFile', () => (stop.abort(), 'silence'));
			const onRetry = (message: string) => void told.push(message);
			const error = await failureOf(send(api, { signal: stop.signal, onRetry }));
			expect(error).toBeInstanceOf(CancelledError);
			expect(told).toEqual([]);
		}));
});

it('a service that cannot be reached has no file, which is not looked for', async () => {
	const api = new BddFileApi('http://127.0.0.1:1', {});
	const told: string[] = [];
	const error = await failureOf(send(api, { onRetry: (message) => void told.push(message) }));
	expect(error).toBeInstanceOf(ConnectionError);
	expect(told).toEqual([]);
	api.close();
});

describe('before it has the whole file', () => {
	/** Of a source without an end. */
	const sendTo = async (status: number, answer: string) => {
		const server = await oddServer((_, response) => void response.writeHead(status).end(answer));
		const api = new BddFileApi(server.url, {});
		afterThisTest(() => api.close());
		const endless = new Readable({ read: () => undefined });
		endless.push(BYTES);
		const source = { fileName: 'a.bin', size: 2 ** 20, open: () => Promise.resolve(endless) };
		const error = await failureOf(send(api, {}, source));
		expect(endless.destroyed).toBe(true);
		expect(server.requests).toHaveLength(1);
		return error;
	};

	it('no service has an id for it', async () => {
		const error = await sendTo(200, '{"code":0,"data":7,"message":null}');
		expect(error).toBeInstanceOf(ServiceError);
		expect(error).toMatchObject({
			message: 'Uploading "a.bin" failed: the service answered before it had the whole file',
			description: 'Check that the base URL of the credential is that of a BDD file service.',
			status: 200,
			serviceMessage: 'answered too early',
		});
	});

	it('nothing can come of it, and nothing is looked for', async () => {
		expect(await sendTo(502, '')).toMatchObject({ status: 502 });
	});
});

describe('a source that is no longer the same', () => {
	const changed = (error: Error): UploadSource => ({
		...bufferSource('a.bin', BYTES),
		assertUnchanged: () => Promise.reject(error),
	});
	const gone = () => new LocalFileError('It is gone', { description: 'Bring it back.' });

	it.each<[string, () => Error, Reaction | undefined, string]>([
		['that is said, and that nothing stays', gone, undefined, 'It is gone. What was sent was deleted again'],
		[
			'that is said, and what stays',
			gone,
			http(403),
			'It is gone. What was sent could not be deleted: file 1',
		],
		['an error of somebody else is not written into', () => new Error('Odd'), undefined, 'Odd'],
	])('%s', (_, error, answer, message) =>
		atService(async ({ service, api }) => {
			if (answer) service.on('deleteFile', () => answer);
			expect((await failureOf(send(api, {}, changed(error())))).message).toBe(message);
			expect(service.count('deleteFile')).toBe(1);
		}),
	);
});

describe('in one request or in parts', () => {
	type Way = 'simple' | 'multipart';
	/** It tells how it is read, and gives nothing. */
	const unreadable = (size: number): UploadSource => {
		const fail = (message: Way) => () => Promise.reject(new LocalFileError(message, { description: '' }));
		return { fileName: 'a.bin', size, open: fail('simple'), openPositioned: fail('multipart') };
	};

	it.each<[UploadMode, number, Way]>([
		['auto', 1, 'simple'],
		['auto', SIMPLE_LIMIT_BYTES, 'simple'],
		['auto', SIMPLE_LIMIT_BYTES + 1, 'multipart'],
		['simple', SIMPLE_LIMIT_BYTES + 1, 'simple'],
		['multipart', 1, 'multipart'],
		['multipart', 0, 'simple'],
	])('mode %s, %d bytes: %s', (mode, size, way) =>
		atService(async ({ service, api }) => {
			const settings = uploadSettings({ mode }, {}, new Set());
			const error = await failureOf(uploadFile(api, unreadable(size), IN_CHAT, settings, contextWith()));
			expect(error.message).toBe(way);
			expect(service.calls).toEqual([]);
		}),
	);

	it.each<[Way]>([['simple'], ['multipart']])('%s is what the result says, and the id is taken', (mode) =>
		atService(async ({ api }) => {
			const claimed = new Set<string>();
			const settings = uploadSettings({ mode }, {}, claimed);
			const source = bufferSource('a.bin', BYTES);
			const result = await uploadFile(api, source, IN_CHAT, settings, contextWith());
			expect(result).toEqual({ fileId: 1, fileName: 'a.bin', size: 10, mode, md5: MD5 });
			expect([...claimed]).toEqual(['1']);
		}),
	);
});
