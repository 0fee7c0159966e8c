import fc from 'fast-check';
import { Readable } from 'node:stream';
import { inspect } from 'node:util';

import { isFailureEnvelope, readData } from '../../client/api/envelope';
import { ServiceError } from '../../client/api/errors';
import { HttpAnswer } from '../../client/api/http-answer';
import { parseId } from '../../client/api/ids';
import { parseExactJson, parseJson } from '../../client/api/json';
import { parseRetryAfter } from '../../client/api/retry';
import { quoted } from '../../client/api/text';
import { uploadTime } from '../../client/api/upload-time';
import { Watch } from '../../client/api/watch';
import { fileNameOf } from '../../client/transfer/download/disposition';

interface Given {
	status?: number;
	headers?: Record<string, unknown>;
	redirectedTo?: string;
}

/** What comes of an answer whose body is this text. */
async function read(body: string, { status = 200, headers = {}, redirectedTo }: Given = {}) {
	const watch = new Watch({ action: 'Listing', timeoutMs: 10_000 });
	const stream = Readable.from([Buffer.from(body)], { objectMode: false });
	const answer = new HttpAnswer(status, headers, stream, watch, 'Listing', redirectedTo);
	return await readData(answer, 'Listing');
}

async function failure(body: string, given: Given = {}): Promise<ServiceError> {
	const error: unknown = await read(body, given).catch((reason: unknown) => reason);
	if (error instanceof ServiceError) return error;
	throw new Error(`no ServiceError: ${inspect(error)}`);
}

const envelope = (message: unknown) => JSON.stringify({ code: 7, data: null, message });

describe('an answer', () => {
	it('is its data, when code is 0 and there is some', async () => {
		expect(await read('{"code":0,"data":{"id":1955228426376908801},"message":null}')).toEqual({
			id: '1955228426376908801',
		});
		expect(await read('{"code":0,"data":0}')).toBe(0);
		expect(await read('{"code":0,"data":false}')).toBe(false);
	});

	it.each<[string, Given, string]>([
		['{"code":0,"data":null}', {}, 'Listing failed: the service answered without a result'],
		[
			'{"code":0,"data":1}',
			{ status: 500 },
			'Listing failed: the service answered without a result (HTTP 500)',
		],
		[envelope('no such file'), {}, 'Listing failed: no such file (code 7)'],
		[envelope('no'), { status: 503 }, 'Listing failed: no (HTTP 503, code 7)'],
		[envelope(' \n\u0007 '), {}, 'Listing failed: the service gave no reason (code 7)'],
		['{"detail":"gone"}', { status: 404 }, 'Listing failed: gone (HTTP 404)'],
		[
			'{"detail":[{"loc":["query","chat_id"],"msg":"Field required"},"odd",[1]]}',
			{ status: 422 },
			'Listing failed: query.chat_id: Field required; odd; [1] (HTTP 422)',
		],
		[
			'{"detail":[{"loc":["body","params",0],"msg":"bad"},{"msg":"odd"},{"loc":"x","msg":5}]}',
			{ status: 422 },
			'Listing failed: params.0: bad; odd; {"loc":"x","msg":5} (HTTP 422)',
		],
		[
			JSON.stringify({ detail: Array(12).fill('no') }),
			{ status: 422 },
			`Listing failed: ${Array(10).fill('no').join('; ')} (HTTP 422)`,
		],
		['{"message":"","detail":"gone"}', { status: 404 }, 'Listing failed: gone (HTTP 404)'],
		[
			'{"code":0,"data":1}',
			{ status: 201 },
			'Listing failed: the service answered without a result (HTTP 201)',
		],
		[
			'{"code":1,"data":1}',
			{},
			'Listing failed: the answer has an unknown form: {"code":1,"data":1} (code 1)',
		],
		['{"data":1}', {}, 'Listing failed: the answer has an unknown form: {"data":1}'],
		['', { status: 502 }, 'Listing failed: the service answered with nothing (HTTP 502)'],
		['[1]', {}, 'Listing failed: the answer has an unknown form: [1]'],
		['plain words', {}, 'Listing failed: the answer is not JSON: plain words'],
		['{"code":0,"data":{"id":', {}, 'Listing failed: the answer is not JSON: {"code":0,"data":{"id":'],
		[
			'<html><head>\n<title class="x">502 Bad\nGateway</title>',
			{ status: 502 },
			'Listing failed: the answer is a web page ("502 Bad Gateway"), not JSON (HTTP 502)',
		],
		[
			'<?xml version="1.0"?><html><h1>Moved</h1></html>',
			{ status: 200 },
			'Listing failed: the answer is a web page ("Moved"), not JSON',
		],
		['<div>x</div>', {}, 'Listing failed: the answer is a web page or XML, not JSON'],
		[
			' <?xml version="1.0"?><Error><Title>a</Title><h1>AKIA</h1></Error>',
			{ status: 403 },
			'Listing failed: the answer is XML, not JSON (HTTP 403)',
		],
		[
			envelope('AKIA'),
			{ status: 403, redirectedTo: 'http://storage' },
			'Listing failed: http://storage, to which the service redirects, refused (HTTP 403)',
		],
		[
			'AKIA',
			{ redirectedTo: 'http://storage' },
			'Listing failed: http://storage, to which the service redirects, answered with something else',
		],
	])('%j with %j: %s', async (body, given, message) => {
		expect((await failure(body, given)).message).toBe(message);
	});

	it.each<[status: number, body: string, description: string]>([
		[422, '{"detail":"no"}', 'The service rejected a parameter. Check the ids and the user id.'],
		[401, '', 'The gateway or the service refused access. Check the user id and the base URL.'],
		[403, envelope('no'), 'The gateway or the service refused access. Check the user id and the base URL.'],
		[
			413,
			'<html>',
			'A gateway limits the size of a request. Choose the mode "Multipart": it sends a file in parts.',
		],
		[429, '', 'The service is asked too often. Lower the option "Concurrency", or try again later.'],
		[500, envelope('file not found'), 'The service has a problem of its own. Try again later.'],
		[599, '', 'The service has a problem of its own. Try again later.'],
		[
			499,
			envelope('File Not Found'),
			'It may have been deleted, or the id may be of another service. List the files to see which exist.',
		],
		[
			404,
			'<h1>Not Found</h1>',
			'It may have been deleted, or the id may be of another service. List the files to see which exist.',
		],
		[200, 'x', 'Check that the base URL of the credential is that of a BDD file service.'],
		[400, '', 'Check that the base URL of the credential is that of a BDD file service.'],
		[200, envelope('no'), 'The service refused. Its message says why.'],
	])('of status %d with %j says what to do about it', async (status, body, description) => {
		expect(await failure(body, { status })).toMatchObject({ status, description });
	});

	it('of another host is for whoever runs the service', async () => {
		const given = { status: 404, redirectedTo: 'http://storage' };
		expect((await failure(envelope('file not found'), given)).description).toMatch(
			/^If that is where the service is now, .* ask whoever runs the service\.$/,
		);
	});

	it('that is not there says what is known of it', async () => {
		const headers = { 'retry-after': '7' };
		expect(await failure(envelope('no'), { status: 503, headers })).toMatchObject({
			status: 503,
			code: 7,
			serviceMessage: 'no',
			retryAfterMs: 7000,
		});
		expect(await failure('{"code":"7","message":"no"}')).toMatchObject({
			message: 'Listing failed: no',
			code: undefined,
			retryAfterMs: undefined,
		});
	});

	it.each([
		['{"code":7,"message":"no"}', true],
		['{"code":-1,"message":null,"data":1}', true],
		['{"code":0,"message":"no"}', false],
		['{"code":"7","message":"no"}', false],
		['{"code":7}', false],
		['{"message":"no"}', false],
		['[7]', false],
		['{"code":7,', false],
	])('%s reports a failure: %s', (text, isFailure) => {
		expect(isFailureEnvelope(text)).toBe(isFailure);
	});

	it.each([
		['an object', '{"a":', '1', '}'],
		['a list', '[', '1', ']'],
		['a list with a long number', '[', '1955228426376908801', ']'],
	])('%s nested 100,000 levels deep is no answer, and no overflow', async (_, open, inner, close) => {
		const deep = open.repeat(100_000) + inner + close.repeat(100_000);
		for (const parse of [parseJson, parseExactJson]) {
			expect(() => parse(deep)).toThrow(SyntaxError);
			expect(() => parse(deep)).toThrow('the JSON is nested more than 100 levels deep');
		}
		await failure(`{"code":0,"data":${deep}}`);
		await failure(`{"code":7,"data":${deep},"message":"no"}`);
		await failure(`{"detail":[${deep}]}`, { status: 422 });
		expect(isFailureEnvelope(`{"code":7,"message":"no","data":${deep}}`)).toBe(false);
	});

	it('nested as deep as anything that means something is read', () => {
		const deep = `${'['.repeat(100)}1${']'.repeat(100)}`;
		expect(JSON.stringify(parseJson(deep))).toBe(deep);
		expect(() => parseJson(`[${deep}]`)).toThrow(SyntaxError);
		const nothing = deep.replace('1', 'null');
		expect(JSON.stringify(parseJson(nothing))).toBe(nothing);
	});

	it('too long for its kind is not read', async () => {
		const { message } = await failure(`{"code":0,"data":"${'x'.repeat(9 * 1024 * 1024)}"}`);
		expect(message).toContain('far too long');
		const error = await failure(`no ${'x'.repeat(9 * 1024 * 1024)}`, { status: 500 });
		expect(error.serviceMessage).toMatch(/^the answer is not JSON: no x+…$/);
		const late = await failure(`${' '.repeat(4096)}no`, { status: 500 });
		expect(late.serviceMessage).toBe('the service answered with nothing');
	});
});

describe('a quoted text', () => {
	it.each([
		['one\r\n\ttwo\u0000\u001b[31mthree\u202efour\u2066', 'one two [31mthree four'],
		[
			'GET http://storage:9000/a/b?X-Amz-Credential=AKIA&X-Amz-Signature=abc failed',
			'GET http://storage:9000/a/b… failed',
		],
		['see "https://h/x#token=1", then', 'see "https://h/x…", then'],
		['http://user:secret@host/path', 'http://host/path'],
		['redis://:secret@host', 'redis://host'],
		['http://?Signature=abc', 'http://…'],
		['?Signature=abc', '?…'],
		['://user:secret@host', '://host'],
		['http://a/?url=http://b/?Signature=1', 'http://a/…'],
		['http%3A%2F%2Fh http://h/k%3FSignature%3Dabc', 'http%3A%2F%2Fh http://h/k…'],
		[
			'Max retries exceeded with url: /bucket/key?Signature=abc',
			'Max retries exceeded with url: /bucket/key?…',
		],
		['{"url":"http://h/k?Signature=abc","why":"gone"}', '{"url":"http://h/k…","why":"gone"}'],
		['really? Yes, a=b', 'really? Yes, a=b'],
		['storage said <?xml version="1.0"?><Error>AKIA', 'storage said …'],
		['storage said <Error><Code>x</Code>AKIA', 'storage said …'],
		['<Error><Code>x</Code>AKIA', '…'],
	])('%j is %j', (text, shown) => {
		expect(quoted(text)).toBe(shown);
	});

	it.each([
		['of 300 characters is whole', 'x'.repeat(300), 'x'.repeat(300)],
		['of more is cut', 'x'.repeat(301), `${'x'.repeat(300)}…`],
		['is not looked at beyond its beginning', `${' '.repeat(4096)}x`, ''],
	])('%s', (_, text, shown) => {
		expect(quoted(text)).toBe(shown);
	});

	it('is one short line of whole characters, whatever it is', () => {
		const units = fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constant('😀'.repeat(200))));
		fc.assert(
			fc.property(units, (parts) => {
				const line = quoted(parts.join(''));
				expect(line.length).toBeLessThanOrEqual(301);
				expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
				if (isWhole(parts.join(''))) expect(isWhole(line)).toBe(true);
			}),
			{ numRuns: 50 },
		);
	});
});

describe('foreign text of 256 KiB is read in no time', () => {
	const LENGTH = 256 * 1024;
	const repeated = (text: string) => text.repeat(Math.ceil(LENGTH / text.length));
	const READERS: [string, (text: string) => unknown][] = [
		['quoted', quoted],
		['an error', (text) => failure(text, { status: 500 })],
		['a message', (text) => failure(envelope(text))],
		['JSON', (text) => swallow(() => parseJson(text))],
		['a JSON text', (text) => swallow(() => parseJson(JSON.stringify({ text })))],
		['a time', uploadTime],
		['an id', (text) => swallow(() => parseId(text, 'File id'))],
		['a file name', fileNameOf],
		['a time to wait', (text) => parseRetryAfter(text, 0)],
	];
	const TEXTS = [
		'<h1',
		'<title',
		'<title>',
		'<',
		'http://',
		'://',
		'a?b',
		'@',
		' ',
		'\t',
		', ',
		':-1',
		'1',
		'12345678901234567890,',
		'filename="',
		'filename=',
		'\\"',
		'attachment; ',
		';a=b',
		'2026-01-01T00:00:00',
		'%3f',
		'<?xml',
		'[',
		'0',
	];

	it.each(READERS)('as %s', async (_, reader) => {
		for (const text of TEXTS) {
			for (const prefix of ['', '2026-01-01T00:00:00.', 'attachment; filename="', '1']) {
				const startedAt = performance.now();
				await reader(prefix + repeated(text));
				// Linear is a few milliseconds; quadratic is minutes.
				expect(performance.now() - startedAt).toBeLessThan(2_000);
			}
		}
	});
});

/** Without half a character. */
const isWhole = (text: string) => Buffer.from(text).toString() === text;

function swallow(act: () => unknown): unknown {
	try {
		return act();
	} catch (error) {
		return error;
	}
}
