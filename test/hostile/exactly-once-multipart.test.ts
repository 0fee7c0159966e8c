/** Exactly once, in parts: a file counts when the service shows it as ok, and only what is ours is continued. */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { bufferSource, type UploadOptions } from '../../client';
import { http, ok, refused, type Answer, type Reaction } from './support/answers';
import { exactlyOnce } from './support/once';
import { filesIn, scenario, type Scenario } from './support/scenario';
import type { HostileService } from './support/service';
import { CHAT, md5, type NewFile, type StoredFile } from './support/store';

const MIB = 1024 * 1024;
const CONTENT = randomBytes(6 * MIB);
const IN_PARTS = { mode: 'multipart', chatId: CHAT, timeout: 6 } as const;

const upload = ({ client }: Scenario, more: UploadOptions = {}) =>
	client.upload(bufferSource('a.bin', CONTENT), { ...IN_PARTS, ...more });

/** Completes the upload, and then does something with the file. */
function completing(service: HostileService, then: (file: StoredFile) => Reaction): void {
	service.on('completeMultipartUpload', (work, { params }) => {
		const answer = work();
		const file = service.store.files.get(Number(params['file_id']));
		return file?.status === 'ok' ? then(file) : answer;
	});
}

/** The states that a file goes through after its completion, each for some milliseconds. */
function history(
	service: HostileService,
	file: StoredFile,
	...states: [StoredFile['status'], number][]
): void {
	let at = 0;
	for (const [status, ms] of states) {
		if (at === 0) file.status = status;
		else service.later(at, () => (file.status = status));
		at += ms;
	}
}

describe('the answer to complete is lost, and the record of the upload is gone', () => {
	const ways: [what: string, reaction: () => Reaction][] = [
		['the connection breaks', () => 'reset'],
		['500', () => http(500)],
		['503', () => http(503)],
		['200 with data null', () => ok(null)],
		['200 with HTML', () => http(200, '<title>Welcome</title>')],
		['no answer', () => 'silence'],
	];
	const notFound: [what: string, answer: Answer][] = [
		['200', refused('file not found')],
		['400', refused('file not found', 400)],
		['404', refused('file not found', 404)],
		['500', refused('file not found', 500)],
	];

	it.concurrent.each(ways)('%s: the file is there once', (_, reaction) =>
		scenario(async (parts) => {
			completing(parts.service, reaction);
			expect(await exactlyOnce(parts.service, CONTENT, () => upload(parts))).toBe('uploaded');
		}),
	);

	it.concurrent.each(notFound)('the connection breaks, then "file not found" with HTTP %s', (_, answer) =>
		scenario(async (parts) => {
			const { service } = parts;
			const gone = (work: () => Answer) => {
				const usual = work();
				const isGone = typeof usual.body === 'string' && /not (?:found|uploading)/.test(usual.body);
				return isGone ? answer : usual;
			};
			service.on('completeMultipartUpload', (work) => {
				const usual = gone(work);
				return usual === answer ? answer : 'reset';
			});
			service.on('getMultipartUploadFileStatus', gone);
			expect(await exactlyOnce(service, CONTENT, () => upload(parts))).toBe('uploaded');
		}),
	);
});

describe('complete says 200', () => {
	it.concurrent.each<[string, [StoredFile['status'], number][], string]>([
		[
			'and the file is merging, then in error: a failure',
			[
				['merging', 700],
				['error', 0],
			],
			'failed',
		],
		['and the file is in error at once: a failure', [['error', 0]], 'failed'],
		[
			'and the file is merging, then ok: a success',
			[
				['merging', 1500],
				['ok', 0],
			],
			'uploaded',
		],
	])('%s', (_, states, ending) =>
		scenario(async (parts) => {
			const { service } = parts;
			completing(service, (file) => {
				history(service, file, ...states);
				return ok(file.id);
			});
			expect(await exactlyOnce(service, CONTENT, () => upload(parts))).toBe(ending);
		}),
	);

	it.concurrent('and the list shows the file two seconds later: a success', () =>
		scenario(async (parts) => {
			parts.service.nature.show = (record, age) => (age < 2000 ? undefined : record);
			expect(await exactlyOnce(parts.service, CONTENT, () => upload(parts))).toBe('uploaded');
		}),
	);

	it.concurrent('and no list ever shows the file: it is not called a success', () =>
		scenario(async (parts) => {
			parts.service.nature.show = (record) => (record.status === 'ok' ? undefined : record);
			expect(await exactlyOnce(parts.service, CONTENT, () => upload(parts))).toBe('unknown');
		}),
	);

	it.concurrent(
		'and the file is merging, then in error: the file that it was to replace is still there',
		() =>
			scenario(async ({ service, client, folder }) => {
				const old = Buffer.from('the older content');
				service.store.add({ filename: 'a.bin', bytes: old });
				await writeFile(path.join(folder, 'a.bin'), CONTENT);
				completing(service, (file) => {
					history(service, file, ['merging', 700], ['error', 0]);
					return ok(file.id);
				});
				const [item] = await client.syncChatFilesToRemote({
					chatId: CHAT,
					localDirectory: folder,
					ifExists: 'overwrite',
					mode: 'multipart',
				});
				expect(item).toMatchObject({ status: 'failed', fileName: 'a.bin' });
				expect(service.store.goodCopies(old)).toHaveLength(1);
			}),
	);
});

describe('the answer to init is lost', () => {
	it.concurrent.each<[string, (service: HostileService) => void]>([
		['begun, and the connection breaks', lostInit(() => 'reset')],
		['begun, then 503', lostInit(() => http(503))],
		['begun, then 200 with data null', lostInit(() => ok(null))],
		[
			'504, and begun a second later',
			(service) =>
				service.on(
					'initMultipartUploadFile',
					(work) => {
						service.later(1000, work);
						return http(504);
					},
					1,
				),
		],
		['not begun, and 503', (service) => service.on('initMultipartUploadFile', () => http(503), 1)],
	])('%s: the file is there once', (_, setup) =>
		scenario(async (parts) => {
			setup(parts.service);
			expect(await exactlyOnce(parts.service, CONTENT, () => upload(parts))).toBe('uploaded');
		}),
	);

	function lostInit(reaction: () => Reaction) {
		return (service: HostileService) =>
			service.on('initMultipartUploadFile', (work) => (work(), reaction()), 1);
	}
});

describe('an upload in parts, outside of chats', () => {
	it.concurrent.each(['reset', 'silence'] as const)(
		'the answer to complete is lost (%s): there once',
		(lost) =>
			scenario(async (parts) => {
				completing(parts.service, () => lost);
				const elsewhere = { biz: 'knowledgeBase', bizParams: { base: 7 } } as const;
				expect(await exactlyOnce(parts.service, CONTENT, () => upload(parts, elsewhere))).toBe('uploaded');
			}),
	);
});

describe('the option to continue a certain upload', () => {
	const place = { biz: 'knowledgeBase', bizParams: { base: 7 } } as const;

	/** An unfinished upload of which the first part, with other bytes, is there. */
	function unfinished(service: HostileService, change: Partial<NewFile>): StoredFile {
		const parts = { size: 5 * MIB, arrived: new Map([[1, Buffer.alloc(5 * MIB, 'x')]]) };
		const begun = { filename: 'a.bin', size: CONTENT.length, status: 'uploading', parts } as const;
		return service.store.add({ id: 7001, ...begun, ...place, hashcode: md5(CONTENT), ...change });
	}

	it.concurrent.each<[string, Partial<NewFile>]>([
		['of another biz', { biz: 'zero2x' }],
		['of a chat', { biz: 'chat', bizParams: { chat_id: CHAT } }],
		['of another place in the biz', { bizParams: { base: 8 } }],
		['of another name', { filename: 'b.bin' }],
		['of another content', { hashcode: md5(Buffer.from('other')) }],
		['of another size', { size: 6 * MIB - 1 }],
		['that failed', { status: 'error' }],
		['that is complete', { status: 'ok', parts: undefined }],
	])('%s is not continued: the upload starts anew, and says so', (_, change) =>
		scenario(async (parts) => {
			const { service, log } = parts;
			const foreign = unfinished(service, change);
			const before = { ...foreign };
			const named = { ...place, resumeFileId: String(foreign.id) };
			expect(await exactlyOnce(service, CONTENT, () => upload(parts, named))).toBe('uploaded');
			expect(foreign).toEqual(before);
			expect(foreign.parts?.arrived.size ?? 1).toBe(1);
			expect(log.join('\n')).toContain('7001');
		}),
	);

	it.concurrent.each<[string, UploadOptions]>([
		['of this place', place],
		['of this chat', {}],
	])('%s is continued: only what is missing is sent', (_, where) =>
		scenario(async (parts) => {
			const { service } = parts;
			const target = where.biz ? {} : { biz: 'chat', bizParams: { chat_id: CHAT } };
			const begun = unfinished(service, target);
			begun.parts?.arrived.set(1, CONTENT.subarray(0, 5 * MIB));
			const named = { ...where, resumeFileId: String(begun.id) };
			expect(await exactlyOnce(service, CONTENT, () => upload(parts, named))).toBe('uploaded');
			expect(service.store.goodCopies(CONTENT)).toEqual([begun.id]);
			expect(service.count('uploadFilePart')).toBe(1);
		}),
	);
});

it('a file in parts, synced there and back, is the same', () =>
	scenario(async ({ service, client, folder }) => {
		await writeFile(path.join(folder, 'a.bin'), CONTENT);
		const sync = { chatId: CHAT, localDirectory: folder, mode: 'multipart' } as const;
		expect(await client.syncChatFilesToRemote(sync)).toMatchObject([{ status: 'success' }]);
		expect(service.store.goodCopies(CONTENT)).toHaveLength(1);
		await writeFile(path.join(folder, 'a.bin'), 'older');
		const back = { chatId: CHAT, localDirectory: folder, ifExists: 'overwrite' } as const;
		expect(await client.syncChatFilesToLocal(back)).toMatchObject([{ status: 'success' }]);
		expect((await readFile(path.join(folder, 'a.bin'))).equals(CONTENT)).toBe(true);
		expect(await filesIn(folder)).toEqual(['a.bin']);
	}));
