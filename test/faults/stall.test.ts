import { getMaxListeners } from 'node:events';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { bufferSource, CancelledError, StalledError, UnknownOutcomeError, type SyncItem } from '../../client';
import { faults, type Rule } from '../../harness/fault-proxy';
import { CHAT, content, countedSource, MIB, partsSent, startScenario, type Scenario } from './support';

let scenario: Scenario;
beforeEach(async () => {
	scenario = await startScenario();
});
afterEach(async () => {
	await scenario.stop();
});

const BIG = 12 * MIB;
/** More than the buffers between client and proxy take in. */
const HUGE = 40 * MIB;
const addFile = async () =>
	await scenario.service.addFile({ filename: 'a.bin', content: content(BIG).bytes, chatId: CHAT });

describe('a service that stalls without closing', () => {
	const timeout = 0.5;

	it.each<[string, Rule, (s: Scenario) => Promise<unknown>, unknown]>([
		[
			'before the answer to a list',
			{ on: '*', fault: faults.silence() },
			({ client }) => client.listChatFiles(CHAT, { timeout }),
			StalledError,
		],
		[
			'in the middle of a download',
			{ on: 'GET /downloadFile', fault: faults.stallResponse(MIB) },
			async ({ client, folder }) =>
				await client.downloadToFile(await addFile(), path.join(folder, 'a.bin'), { timeout }),
			StalledError,
		],
		[
			'in the middle of an upload',
			{ on: 'POST /uploadSimpleFile', fault: faults.stallRequest(MIB) },
			({ client }) => client.upload(countedSource('b.bin', content(HUGE).bytes), { chatId: CHAT, timeout }),
			StalledError,
		],
		[
			'after a whole upload that never arrives',
			{ on: 'POST /uploadSimpleFile', fault: faults.silence() },
			({ client }) => client.upload(bufferSource('b.bin', content(MIB).bytes), { chatId: CHAT, timeout }),
			UnknownOutcomeError,
		],
	])('%s: fails after the timeout, and is not tried again', async (_, rule, act, errorClass) => {
		scenario.proxy.script(rule);
		const startedAt = Date.now();
		await expect(act(scenario)).rejects.toBeInstanceOf(errorClass);
		expect((Date.now() - startedAt) / 1000).toBeGreaterThanOrEqual(timeout);
		expect(scenario.proxy.unusedRules()).toEqual([]);
		expect(scenario.proxy.matching(rule.on)).toHaveLength(1);
		expect(await readdir(scenario.folder)).toEqual([]);
	});

	it('after it did the work of an upload: the file is found', async () => {
		scenario.proxy.script({ on: 'POST /uploadSimpleFile', fault: faults.stallAnswer() });
		const source = bufferSource('b.bin', content(1000).bytes);
		const { fileId } = await scenario.client.upload(source, { chatId: CHAT, timeout });
		expect(await scenario.remote()).toMatchObject([{ id: fileId }]);
	});
});

describe('cancelled', () => {
	/** Cancels when the proxy has seen what `reached` waits for; then no socket and no later request may be left. */
	async function cancelWhen(
		reached: () => Promise<unknown>,
		act: (signal: AbortSignal) => Promise<unknown>,
	): Promise<unknown> {
		const stop = new AbortController();
		const running = act(stop.signal).then(
			() => undefined,
			(error: unknown) => error,
		);
		await reached();
		stop.abort();
		const error = await running;
		expect(error).toBeInstanceOf(CancelledError);
		// The client is not closed: idle connections go by themselves, and no other one may be left.
		await scenario.proxy.waitForNoSockets();
		// What was on its way when the signal fired has arrived by now; nothing may follow.
		const requests = scenario.proxy.requests.length;
		await new Promise((resolve) => setTimeout(resolve, 200));
		expect(scenario.proxy.requests).toHaveLength(requests);
		return error;
	}

	const { proxy } = { proxy: () => scenario.proxy };

	it('while listing', async () => {
		proxy().script({ on: 'GET /listChatFiles', fault: faults.silence() });
		await cancelWhen(
			() => proxy().waitFor('GET /listChatFiles'),
			(signal) => scenario.client.listChatFiles(CHAT, { signal }),
		);
	});

	it('in a download to disk: no file, no temporary file', async () => {
		const id = await addFile();
		proxy().script({ on: 'GET /downloadFile', fault: faults.stallResponse(5 * MIB) });
		await cancelWhen(
			() => proxy().waitFor('GET /downloadFile', 1, ({ responseBytes }) => responseBytes >= 5 * MIB),
			(signal) => scenario.client.downloadToFile(id, path.join(scenario.folder, 'a.bin'), { signal }),
		);
		expect(await readdir(scenario.folder)).toEqual([]);
	});

	it('in a simple upload: the source is closed and nothing is stored', async () => {
		const source = countedSource('b.bin', content(BIG).bytes);
		proxy().script({ on: 'POST /uploadSimpleFile', fault: faults.stallRequest(MIB) });
		await cancelWhen(
			() => proxy().waitFor('POST /uploadSimpleFile', 1, ({ requestBytes }) => requestBytes >= MIB),
			(signal) => scenario.client.upload(source, { chatId: CHAT, signal }),
		);
		expect(source.stillOpen()).toBe(0);
		expect(await scenario.remote()).toEqual([]);
	});

	it.each([
		['init', 'POST /initMultipartUploadFile', /cancelled/],
		[
			'a part',
			'POST /uploadFilePart',
			/of 3 parts are kept as file 1: uploading the same file again continues there/,
		],
		['complete', 'POST /completeMultipartUpload', /3 of 3 parts are kept as file 1/],
	])(
		'in multipart, at %s: resumable state is kept and named, and a new run finishes',
		async (_, on, words) => {
			const { bytes } = content(BIG);
			proxy().script({ on, fault: faults.silence() });
			const error = await cancelWhen(
				() => proxy().waitFor(on, 1, ({ requestComplete }) => requestComplete),
				(signal) =>
					scenario.client.upload(countedSource('b.bin', bytes), { chatId: CHAT, mode: 'multipart', signal }),
			);
			expect(String(error)).toMatch(words);
			const again = await scenario
				.anotherClient()
				.upload(bufferSource('b.bin', bytes), { chatId: CHAT, mode: 'multipart' });
			expect((await scenario.service.readFile(String(again.fileId))).equals(bytes)).toBe(true);
			expect(await scenario.remote()).toHaveLength(1);
			expect(new Set(partsSent(proxy())).size).toBe(3);
		},
	);

	it('while waiting for a retry', async () => {
		const later = faults.answer(503, { headers: { 'Retry-After': '60' } });
		proxy().script({ on: 'GET /listChatFiles', fault: later });
		await cancelWhen(
			() => proxy().waitUntil(() => scenario.log.length > 0, 'a retry'),
			(signal) => scenario.client.listChatFiles(CHAT, { signal }),
		);
	});

	it('many requests on one signal are no leak that Node would warn of', async () => {
		let signal: AbortSignal | undefined;
		proxy().script({ on: 'GET /listChatFiles', times: Infinity, fault: faults.silence() });
		await cancelWhen(
			() => proxy().waitFor('GET /listChatFiles', 20),
			(given) => {
				signal = given;
				return Promise.all(
					Array.from({ length: 20 }, () => scenario.client.listChatFiles(CHAT, { signal: given })),
				);
			},
		);
		// jest keeps Node's own warning from us, so the limit itself is looked at.
		expect(signal && getMaxListeners(signal)).toBe(Infinity);
	});

	it('in a sync: the whole sync ends', async () => {
		for (let index = 0; index < 20; index += 1) {
			await scenario.service.addFile({ filename: `${index}.bin`, content: content(MIB).bytes, chatId: CHAT });
		}
		proxy().script({ on: 'GET /downloadFile', nth: 3, times: Infinity, fault: faults.stallResponse(1000) });
		await cancelWhen(
			() => proxy().waitFor('GET /downloadFile', 5),
			(signal): Promise<SyncItem[]> =>
				scenario.client.syncChatFilesToLocal({ chatId: CHAT, localDirectory: scenario.folder, signal }),
		);
		const left = await readdir(scenario.folder);
		// What stays is the lock's own folder, for the next sync.
		expect(left.filter((name) => !/^(?:\d+\.bin|\.bdd-file-lock)$/.test(name))).toEqual([]);
	});
});
