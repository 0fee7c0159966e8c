import { Readable } from 'node:stream';

import { bufferSource, UnknownOutcomeError, type UploadSource } from '../../client';
import { faults } from '../../harness/fault-proxy';
import { CHAT, content, countedSource, MIB, partsSent, startScenario, type Scenario } from './support';

let scenario: Scenario;
beforeEach(async () => {
	scenario = await startScenario();
});
afterEach(async () => {
	const unused = scenario.proxy.unusedRules();
	await scenario.stop();
	// A fault that never came proves nothing.
	expect(unused).toEqual([]);
});

/** Exactly one file of that name and content is in the chat, complete. */
async function expectOneFile(bytes: Buffer, fileId: unknown): Promise<void> {
	const files = await scenario.remote();
	expect(files).toHaveLength(1);
	expect(files[0]).toMatchObject({ id: fileId, status: 'ok', size: bytes.length });
	expect((await scenario.service.readFile(String(fileId))).equals(bytes)).toBe(true);
}

describe('a simple upload', () => {
	it.each([
		['small', 1000],
		['streamed', 3 * MIB],
	])('%s: the answer is lost, the file is found and not sent again', async (_, size) => {
		const { bytes } = content(size);
		scenario.proxy.script({ on: 'POST /uploadSimpleFile', fault: faults.dropAnswer() });
		const { fileId } = await scenario.client.upload(bufferSource('a.bin', bytes), { chatId: CHAT });
		expect(scenario.proxy.matching('POST /uploadSimpleFile')).toHaveLength(1);
		await expectOneFile(bytes, fileId);
	});

	it('the answer is lost and an equal file was there before: the new one is found, not the old one', async () => {
		const { bytes } = content(1000);
		const first = await scenario.client.upload(bufferSource('a.bin', bytes), { chatId: CHAT });
		scenario.proxy.script({ on: 'POST /uploadSimpleFile', fault: faults.dropAnswer() });
		const second = await scenario.client.upload(bufferSource('a.bin', bytes), { chatId: CHAT });
		expect(second.fileId).not.toBe(first.fileId);
		expect(await scenario.remote()).toHaveLength(2);
	});

	it('an old equal file is no proof: the upload that never arrived is sent again', async () => {
		const { bytes, md5 } = content(1000);
		const old = { filename: 'a.bin', content: bytes, hashcode: md5, chatId: CHAT };
		await scenario.service.addFile({ ...old, uploadAt: '2020-01-01T00:00:00Z' });
		scenario.proxy.script({ on: 'POST /uploadSimpleFile', fault: faults.answer(502) });
		const { fileId } = await scenario.client.upload(bufferSource('a.bin', bytes), { chatId: CHAT });
		expect(fileId).toBe(2);
		expect(await scenario.remote()).toHaveLength(2);
	});

	it('the connection breaks halfway: sent again, since half a form is no upload', async () => {
		// More than the buffers between client and proxy take in, so that the client knows that it did not finish.
		const { bytes } = content(40 * MIB);
		const source = countedSource('a.bin', bytes);
		scenario.proxy.script({ on: 'POST /uploadSimpleFile', fault: faults.cutRequest(MIB) });
		const { fileId } = await scenario.client.upload(source, { chatId: CHAT });
		expect(scenario.proxy.matching('POST /uploadSimpleFile')).toHaveLength(2);
		expect(scenario.proxy.matching('GET /listChatFiles')).toHaveLength(0);
		expect(source.stillOpen()).toBe(0);
		await expectOneFile(bytes, fileId);
	});

	it('a reused connection dies under the request: looked up, then sent again', async () => {
		const { bytes } = content(1000);
		await scenario.client.listChatFiles(CHAT);
		scenario.proxy.script({ on: 'POST /uploadSimpleFile', fault: faults.closeReused() });
		const { fileId } = await scenario.client.upload(bufferSource('a.bin', bytes), { chatId: CHAT });
		await expectOneFile(bytes, fileId);
	});

	it('two equal files at once, one answer lost: two files in the end', async () => {
		const { bytes } = content(1000);
		scenario.proxy.script({ on: 'POST /uploadSimpleFile', fault: faults.dropAnswer() });
		const results = await Promise.all(
			[1, 2].map(() => scenario.client.upload(bufferSource('a.bin', bytes), { chatId: CHAT })),
		);
		expect(new Set(results.map(({ fileId }) => fileId)).size).toBe(2);
		expect(await scenario.remote()).toHaveLength(2);
	});

	it('the answer is lost outside of a chat: found by a search of its directory', async () => {
		const { bytes } = content(1000);
		scenario.proxy.script({ on: 'POST /uploadSimpleFile', fault: faults.dropAnswer() });
		const target = {
			biz: 'knowledgeBase',
			bizParams: { space: 'docs', big: 12345678901234567890n },
		} as const;
		const { fileId } = await scenario.client.upload(bufferSource('a.bin', bytes), target);
		expect(fileId).toBe(1);
		expect(scenario.proxy.matching('POST /uploadSimpleFile')).toHaveLength(1);
	});

	it('the answer is lost where nothing can be looked up: an error that says so, and nothing is sent again', async () => {
		const { bytes } = content(1000);
		scenario.proxy.script({ on: 'GET /listDirectories', fault: faults.answer(404) });
		scenario.proxy.script({ on: 'POST /uploadSimpleFile', fault: faults.dropAnswer() });
		const upload = scenario.client.upload(bufferSource('a.bin', bytes), { biz: 'knowledgeBase' });
		await expect(upload).rejects.toBeInstanceOf(UnknownOutcomeError);
		await expect(upload).rejects.toThrow(/not known whether the file arrived/);
		expect(scenario.proxy.matching('POST /uploadSimpleFile')).toHaveLength(1);
	});

	it('503 with Retry-After: waits as long as asked, then succeeds', async () => {
		const { bytes } = content(1000);
		const busy = faults.answer(503, { headers: { 'Retry-After': '1' } });
		scenario.proxy.script({ on: 'POST /uploadSimpleFile', fault: busy });
		const { fileId } = await scenario.client.upload(bufferSource('a.bin', bytes), { chatId: CHAT });
		expect(scenario.log.join()).toMatch(/Attempt 2 of 4 in [12]\d\d\d ms/);
		await expectOneFile(bytes, fileId);
	});

	it("422: never repeated, the service's words in the error", async () => {
		const detail = [{ loc: ['body', 'params'], msg: 'Field required', type: 'missing' }];
		scenario.proxy.script({ on: 'POST /uploadSimpleFile', fault: faults.answer(422, { body: { detail } }) });
		await expect(
			scenario.client.upload(bufferSource('报告.pdf', Buffer.from('x')), { chatId: CHAT }),
		).rejects.toThrow('Uploading "报告.pdf" failed: params: Field required (HTTP 422)');
		expect(scenario.proxy.requests).toHaveLength(1);
	});

	it('a gateway refuses before the body is through: its words, not a broken connection', async () => {
		const tooLarge = faults.answer(413, {
			body: '<html><title>413 Too Large</title></html>',
			readBody: false,
		});
		scenario.proxy.script({ on: 'POST /uploadSimpleFile', fault: tooLarge });
		const source = countedSource('a.bin', content(20 * MIB).bytes);
		await expect(scenario.client.upload(source, { chatId: CHAT })).rejects.toThrow(
			'Uploading "a.bin" failed: the answer is a web page ("413 Too Large"), not JSON (HTTP 413)',
		);
		expect(scenario.proxy.matching('POST /uploadSimpleFile')).toMatchObject([{ requestComplete: false }]);
		expect(source.stillOpen()).toBe(0);
	});

	it('a source that ends early fails, and no file comes of it', async () => {
		const short = { ...bufferSource('a.bin', Buffer.alloc(2 * MIB)), size: 3 * MIB };
		await expect(scenario.client.upload(short, { chatId: CHAT })).rejects.toThrow(
			'ended after 2097152 of 3145728 bytes',
		);
		expect(await scenario.remote()).toHaveLength(0);
	});
});

describe('a multipart upload', () => {
	const SIX_PARTS = 5 * 5 * MIB + 1000;
	const multipart = { chatId: CHAT, mode: 'multipart' } as const;

	it('6 parts, killed after part 3, run again: only 4 to 6 are sent, and the file is equal', async () => {
		const { bytes } = content(SIX_PARTS);
		scenario.proxy.script({
			on: 'POST /uploadFilePart',
			params: ({ part_number: number }) => Number(number) > 3,
			times: Infinity,
			fault: faults.cutRequest(100_000),
		});
		const killed = scenario.client.upload(bufferSource('a.bin', bytes), {
			...multipart,
			concurrency: 1,
			maxTries: 1,
		});
		await expect(killed).rejects.toThrow(
			/3 of 6 parts are kept as file 1: uploading the same file again continues there/,
		);

		scenario.proxy.clearScript();
		const before = scenario.proxy.requests.length;
		const { fileId } = await scenario.anotherClient().upload(bufferSource('a.bin', bytes), multipart);
		expect(partsSent(scenario.proxy, before)).toEqual([4, 5, 6]);
		await expectOneFile(bytes, fileId);
	});

	it('killed with parts 1, 3 and 6 missing: only these are sent', async () => {
		const { bytes } = content(SIX_PARTS);
		const missing = [1, 3, 6];
		const parts = () => scenario.proxy.matching('POST /uploadFilePart');
		const othersAreThere = scenario.proxy.waitUntil(
			() =>
				parts().filter(({ outcome, serviceStatus }) => outcome === 'complete' && serviceStatus === 200)
					.length === 3,
			'the other parts',
		);
		scenario.proxy.script({
			on: 'POST /uploadFilePart',
			params: ({ part_number: number }) => missing.includes(Number(number)),
			times: Infinity,
			wait: othersAreThere,
			fault: faults.answer(503),
		});
		// As many lanes as parts, so that the first failure finds the others sent or on their way.
		const killed = scenario.client.upload(bufferSource('a.bin', bytes), {
			...multipart,
			concurrency: 6,
			maxTries: 3,
		});
		await expect(killed).rejects.toThrow('3 of 6 parts are kept as file 1');

		scenario.proxy.clearScript();
		const before = scenario.proxy.requests.length;
		const { fileId } = await scenario.anotherClient().upload(bufferSource('a.bin', bytes), multipart);
		expect(partsSent(scenario.proxy, before)).toEqual(missing);
		await expectOneFile(bytes, fileId);
	});

	it('content changed between the two runs: a fresh upload, equal to the new content', async () => {
		const [old, changed] = [content(SIX_PARTS), content(SIX_PARTS)];
		scenario.proxy.script({ on: 'POST /completeMultipartUpload', times: 4, fault: faults.answer(500) });
		await expect(scenario.client.upload(bufferSource('a.bin', old.bytes), multipart)).rejects.toThrow(
			'HTTP 500',
		);
		const before = scenario.proxy.requests.length;
		const { fileId } = await scenario.anotherClient().upload(bufferSource('a.bin', changed.bytes), multipart);
		expect(partsSent(scenario.proxy, before)).toEqual([1, 2, 3, 4, 5, 6]);
		expect((await scenario.service.readFile(String(fileId))).equals(changed.bytes)).toBe(true);
		expect((await scenario.remote()).map(({ status }) => status)).toEqual(['uploading', 'ok']);
	});

	it('one part answers 503 twice: sent three times, the others once', async () => {
		const { bytes } = content(SIX_PARTS);
		scenario.proxy.script({
			on: 'POST /uploadFilePart',
			params: ({ part_number: number }) => Number(number) === 2,
			times: 2,
			fault: faults.answer(503),
		});
		const { fileId } = await scenario.client.upload(bufferSource('a.bin', bytes), multipart);
		expect(partsSent(scenario.proxy)).toEqual([1, 2, 2, 2, 3, 4, 5, 6]);
		await expectOneFile(bytes, fileId);
	});

	it.each(['initMultipartUploadFile', 'uploadFilePart', 'completeMultipartUpload'])(
		'the answer of %s is lost: exactly one file, correct',
		async (endpoint) => {
			const { bytes } = content(SIX_PARTS);
			scenario.proxy.script({ on: `POST /${endpoint}`, fault: faults.dropAnswer() });
			const { fileId } = await scenario.client.upload(bufferSource('a.bin', bytes), multipart);
			await expectOneFile(bytes, fileId);
		},
	);

	it('completion is lost for a biz that cannot be listed: the file itself is the proof', async () => {
		const { bytes } = content(SIX_PARTS);
		scenario.proxy.script({ on: 'POST /completeMultipartUpload', fault: faults.dropAnswer() });
		const { fileId } = await scenario.client.upload(bufferSource('a.bin', bytes), {
			biz: 'knowledgeBase',
			mode: 'multipart',
		});
		expect((await scenario.service.readFile(String(fileId))).equals(bytes)).toBe(true);
	});

	it('a stale resume id starts fresh; a right one is continued', async () => {
		const { bytes } = content(SIX_PARTS);
		const part4 = {
			on: 'POST /uploadFilePart',
			params: ({ part_number: number }: Record<string, unknown>) => Number(number) === 4,
			fault: faults.answer(400),
		};
		scenario.proxy.script(part4);
		const alone = { ...multipart, resume: false, concurrency: 1 };
		const stale = { ...alone, resumeFileId: '777' };
		const failing = scenario.client.upload(bufferSource('a.bin', bytes), { ...stale, resume: true });
		await expect(failing).rejects.toThrow('3 of 6 parts are kept as file 1');
		const before = scenario.proxy.requests.length;
		const source = bufferSource('a.bin', bytes);
		const { fileId } = await scenario.client.upload(source, { ...alone, resumeFileId: '1' });
		expect(partsSent(scenario.proxy, before)).toEqual([4, 5, 6]);
		await expectOneFile(bytes, fileId);
	});

	it('without resume a failure aborts what was begun, and says so', async () => {
		scenario.proxy.script({ on: 'POST /uploadFilePart', fault: faults.answer(400) });
		const upload = scenario.client.upload(bufferSource('a.bin', content(SIX_PARTS).bytes), {
			...multipart,
			resume: false,
		});
		await expect(upload).rejects.toThrow('The unfinished upload (file 1) was aborted');
		expect(await scenario.remote()).toMatchObject([{ status: 'error' }]);
	});

	it('auto is multipart just above 100 MiB', async () => {
		const bytes = Buffer.alloc(100 * MIB + 1, 7);
		const { mode, fileId } = await scenario.client.upload(bufferSource('a.bin', bytes), { chatId: CHAT });
		expect(mode).toBe('multipart');
		const simple = await scenario.client.upload(bufferSource('b.bin', bytes.subarray(1)), { chatId: CHAT });
		expect(simple.mode).toBe('simple');
		expect((await scenario.service.readFile(String(fileId))).equals(bytes)).toBe(true);
	});

	it('never reads more than the parts in flight', async () => {
		// So that reading is faster than sending.
		scenario.proxy.latency(20);
		const partSize = 5 * MIB;
		const size = 12 * partSize;
		const chunk = Buffer.alloc(MIB);
		const isSent = ({ status }: { status?: number }) => status === 200;
		let most = 0;
		const source: UploadSource = {
			fileName: 'a.bin',
			size,
			open: () => {
				const chunks = (function* () {
					for (let read = 0; read < size; read += MIB) {
						const sent = scenario.proxy.matching('POST /uploadFilePart').filter(isSent).length;
						// Before the first part is due, the whole is read once for its hash.
						if (scenario.proxy.matching('POST /initMultipartUploadFile').length > 0)
							most = Math.max(most, read - sent * partSize);
						yield chunk;
					}
				})();
				return Promise.resolve(Readable.from(chunks, { objectMode: false, highWaterMark: 1 }));
			},
		};
		await scenario.client.upload(source, { ...multipart, concurrency: 2 });
		expect(most).toBeGreaterThan(0);
		// Two on their way, and one that is being filled.
		expect(most).toBeLessThanOrEqual(3 * partSize);
	});

	it('never more parts at once than asked for', async () => {
		scenario.proxy.latency(30);
		const { bytes } = content(SIX_PARTS);
		let most = 0;
		const watch = setInterval(() => (most = Math.max(most, scenario.proxy.openRequests())), 1);
		await scenario.client.upload(bufferSource('a.bin', bytes), { ...multipart, concurrency: 2 });
		clearInterval(watch);
		expect(most).toBe(2);
	});
});

it('delete whose answer is lost: "not found" on the repeat is success', async () => {
	const { fileId } = await scenario.client.upload(bufferSource('a.bin', Buffer.from('x')), { chatId: CHAT });
	scenario.proxy.script({ on: 'DELETE /deleteFile', fault: faults.dropAnswer() });
	await scenario.client.delete(fileId);
	expect(scenario.proxy.matching('DELETE /deleteFile')).toHaveLength(2);
	expect(await scenario.remote()).toEqual([]);
	await expect(scenario.client.delete(fileId)).rejects.toThrow('file not found');
});
