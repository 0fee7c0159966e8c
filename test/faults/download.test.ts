import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';

import { IntegrityError } from '../../client';
import { faults } from '../../harness/fault-proxy';
import { CHAT, content, MIB, startScenario, temporaries, type Scenario } from './support';

let scenario: Scenario;
beforeEach(async () => {
	scenario = await startScenario();
});
afterEach(async () => {
	await scenario.stop();
});

const SIZE = 5 * MIB;
const SIGNED = /\/signedFile\//;

async function addFile(hashcode?: string): Promise<{ id: string; bytes: Buffer }> {
	const { bytes, md5 } = content(SIZE);
	const file = { filename: 'a.bin', content: bytes, chatId: CHAT, hashcode: hashcode ?? md5 };
	return { id: await scenario.service.addFile(file), bytes };
}

it('cut at 60 %, twice: every further request starts where the one before broke', async () => {
	const { id, bytes } = await addFile();
	const cut = Math.floor(SIZE * 0.6);
	const second = Math.floor((SIZE - cut) * 0.6);
	scenario.proxy.script(
		{ on: 'GET /downloadFile', fault: faults.cutResponse(cut, 'fin') },
		{ on: SIGNED, fault: faults.cutResponse(second, 'fin') },
	);
	const { stream } = await scenario.client.download(id);
	expect((await buffer(stream)).equals(bytes)).toBe(true);
	const ranges = scenario.proxy.matching(SIGNED).map(({ range }) => range);
	expect(ranges).toEqual([`bytes=${cut}-`, `bytes=${cut + second}-`]);
	expect(scenario.proxy.matching(SIGNED)[1]?.headers['if-range']).toMatch(/^"/);
	expect(scenario.proxy.matching('GET /downloadFile')).toHaveLength(1);
});

it('a reset, which may overtake bytes on their way, is a break like any other', async () => {
	const { id, bytes } = await addFile();
	scenario.proxy.script({ on: 'GET /downloadFile', fault: faults.cutResponse(MIB, 'reset') });
	const { stream } = await scenario.client.download(id);
	expect((await buffer(stream)).equals(bytes)).toBe(true);
	expect(scenario.proxy.unusedRules()).toEqual([]);
});

it('no signed link to be had: asks again from the beginning and discards what was delivered', async () => {
	const { id, bytes } = await addFile();
	scenario.proxy.script(
		{ on: 'GET /downloadFile', fault: faults.cutResponse(MIB, 'fin') },
		{ on: 'GET /getFileDownloadUrl', times: Infinity, fault: faults.answer(404) },
	);
	const { stream } = await scenario.client.download(id);
	expect((await buffer(stream)).equals(bytes)).toBe(true);
	expect(scenario.proxy.matching('GET /downloadFile')).toHaveLength(2);
});

it('a storage that ignores ranges: discards what was delivered', async () => {
	const { id, bytes } = await addFile();
	scenario.proxy.script(
		{ on: 'GET /downloadFile', fault: faults.cutResponse(MIB, 'fin') },
		{ on: SIGNED, fault: faults.answer(200, { body: bytes }) },
	);
	const { stream } = await scenario.client.download(id);
	expect((await buffer(stream)).equals(bytes)).toBe(true);
});

it('the service restarts in the middle of a download', async () => {
	const { id, bytes } = await addFile();
	scenario.proxy.script(
		{ on: 'GET /downloadFile', fault: faults.cutResponse(MIB, 'fin') },
		{ on: 'GET /getFileDownloadUrl', times: 2, fault: faults.answer(502) },
	);
	const { stream } = await scenario.client.download(id);
	expect((await buffer(stream)).equals(bytes)).toBe(true);
	expect(scenario.proxy.unusedRules()).toEqual([]);
});

it('gives up after the tries it has, with a clear error and nothing on disk', async () => {
	const { id } = await addFile();
	const target = path.join(scenario.folder, 'a.bin');
	await writeFile(target, 'old');
	scenario.proxy.script(
		{ on: 'GET /downloadFile', times: Infinity, fault: faults.cutResponse(1000) },
		{ on: 'GET /getFileDownloadUrl', times: Infinity, fault: faults.answer(404) },
	);
	const download = scenario.client.downloadToFile(id, target, { maxTries: 2 });
	await expect(download).rejects.toThrow('Downloading file 1 failed: the connection broke');
	expect(scenario.proxy.matching('GET /downloadFile')).toHaveLength(2);
	expect(await readFile(target, 'utf8')).toBe('old');
	expect(await temporaries(scenario.folder)).toEqual([]);
});

it.each([
	['MD5', 'md5'],
	['SHA-256', 'sha256'],
])('wrong %s known to the service: failure, old file untouched', async (_, algorithm) => {
	const wrong = createHash(algorithm).update('something else').digest('hex');
	await addFile(wrong);
	const target = path.join(scenario.folder, 'a.bin');
	await writeFile(target, 'old');
	const sync = { chatId: CHAT, localDirectory: scenario.folder };
	const [item] = await scenario.client.syncChatFilesToLocal(sync);
	expect(item).toMatchObject({ status: 'failed', fileName: 'a.bin' });
	expect(item?.error).toContain('does not match the hash');
	expect(await readFile(target, 'utf8')).toBe('old');
	expect(await temporaries(scenario.folder)).toEqual([]);

	const [unverified] = await scenario.client.syncChatFilesToLocal({ ...sync, verify: false });
	expect(unverified).toMatchObject({ status: 'success' });
});

it('a hashcode that is no hash proves nothing', async () => {
	const { id, bytes } = await addFile('v1-whatever');
	const { stream } = await scenario.client.download(id, { expected: { hashcode: 'v1-whatever' } });
	expect((await buffer(stream)).equals(bytes)).toBe(true);
});

it('a length other than the listed one fails before a byte is written', async () => {
	const { id } = await addFile();
	const download = scenario.client.download(id, { expected: { size: SIZE - 1 } });
	await expect(download).rejects.toBeInstanceOf(IntegrityError);
});

describe('a file or an error?', () => {
	const envelope = JSON.stringify({ code: 7, data: null, message: 'no such file' });
	const json = { 'Content-Type': 'application/json' };

	it('a failure envelope with HTTP 200 is an error', async () => {
		scenario.proxy.script({
			on: 'GET /downloadFile',
			fault: faults.answer(200, { headers: json, body: envelope }),
		});
		await expect(scenario.client.download('5')).rejects.toThrow(
			'Downloading file 5 failed: no such file (code 7)',
		);
	});

	it('a JSON file that reads like an error is a file', async () => {
		const id = await scenario.service.addFile({ filename: 'e.json', content: envelope, chatId: CHAT });
		scenario.proxy.script({
			on: 'GET /downloadFile',
			fault: faults.answer(200, { headers: json, body: envelope }),
		});
		const { stream } = await scenario.client.download(id);
		expect((await buffer(stream)).toString()).toBe(envelope);
	});

	it('a JSON file without a file name header is a file', async () => {
		const body = '{"code": 0, "rows": [1, 2, 3]}';
		scenario.proxy.script({ on: 'GET /downloadFile', fault: faults.answer(200, { headers: json, body }) });
		const { stream } = await scenario.client.download('5');
		expect((await buffer(stream)).toString()).toBe(body);
	});
});

it('a redirect to another host carries none of our headers', async () => {
	const { id, bytes } = await addFile();
	const { url } = await scenario.client.getDownloadUrl(id);
	const elsewhere = url.replace('127.0.0.1', 'localhost');
	scenario.proxy.script({
		on: 'GET /downloadFile',
		fault: faults.answer(302, { headers: { Location: elsewhere } }),
	});
	const { stream } = await scenario.client.download(id);
	expect((await buffer(stream)).equals(bytes)).toBe(true);
	const [redirected] = scenario.proxy.matching(SIGNED);
	expect(redirected?.headers.host).toContain('localhost');
	expect(redirected?.headers['x-user-id']).toBeUndefined();
});
