/** Exactly once: an upload whose answer was lost is there once, or it is said that this is unknown. */
import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { bufferSource } from '../../client';
import { http, ok, page, type Answer, type Reaction } from './support/answers';
import { exactlyOnce, type Ending } from './support/once';
import { scenario, type Scenario } from './support/scenario';
import type { HostileService } from './support/service';
import { CHAT, md5 } from './support/store';

type Setup = (service: HostileService) => void;

/** Every upload is stored, and then answered like this. */
const storedThen = (reaction: () => Reaction) => (service: HostileService) =>
	service.on('uploadSimpleFile', (work) => (work(), reaction()));
const lost = storedThen(() => 'reset');

/** The answer is lost, and this is how the lists show the file. */
const lostAndShown =
	(show: HostileService['nature']['show']): Setup =>
	(service) => {
		lost(service);
		service.nature.show = show;
	};

/** How the service's own clock shows, three hours from ours, or in which zone. */
const localTime = (hours: number): Setup =>
	lostAndShown((record) => {
		const local = new Date(Date.parse(record.upload_at) + hours * 3_600_000);
		return { ...record, upload_at: local.toISOString().slice(0, 19) };
	});

const CERTAIN: [what: string, setup: Setup][] = [
	[
		'504 at once, and stored two seconds later',
		(service) =>
			service.on('uploadSimpleFile', (work) => {
				service.later(2000, work);
				return http(504);
			}),
	],
	['a list that is two seconds behind', lostAndShown((record, age) => (age < 2000 ? undefined : record))],
	[
		'stored first as merging',
		lostAndShown((record, age) => ({ ...record, status: age < 1500 ? 'merging' : 'ok' })),
	],
	['stored, then answered 503', storedThen(() => http(503))],
	['stored, then answered 408', storedThen(() => http(408))],
	['stored, then answered 500', storedThen(() => http(500))],
	['stored, then answered 502 with a page', storedThen(() => http(502, '<title>Bad Gateway</title>'))],
	['stored, then a redirect to what came of it', storedThen(() => http(303, '', { Location: '/files/1' }))],
	['stored, then the connection breaks', lost],
	['stored, then no answer', storedThen(() => 'silence')],
	['stored, then 200 with data null', storedThen(() => ok(null))],
	['stored, then 200 with HTML', storedThen(() => http(200, '<html><title>Welcome</title></html>'))],
	['stored, then 200 with broken JSON', storedThen(() => http(200, '{"code": 0, "da'))],
	['stored, then 200 with nothing', storedThen(() => http(200))],
	['stored, then 200 with something else than an id', storedThen(() => ok({ done: true }))],
	['a list with the MD5 in capitals', lostAndShown((r) => ({ ...r, hashcode: r.hashcode.toUpperCase() }))],
];

/** What is found cannot be proven ours or foreign: then it may be said to be unknown, but never "not there". */
const DOUBTFUL: [what: string, setup: Setup][] = [
	['a list without hashes', lostAndShown((record) => ({ ...record, hashcode: '' }))],
	['a list with hashes of null', lostAndShown((record) => ({ ...record, hashcode: null }))],
	['a list with unknown hashes', lostAndShown((record) => ({ ...record, hashcode: 'v1-whatever' }))],
	['a list with SHA-256', lostAndShown((record) => ({ ...record, hashcode: SHA256 }))],
	[
		'a clock three hours behind, without Date',
		(service) => {
			lost(service);
			service.nature.clockOffset = -3 * 3_600_000;
			service.nature.hasDate = false;
		},
	],
	[
		'upload_at one minute behind Date',
		lostAndShown((record) => ({
			...record,
			upload_at: new Date(Date.parse(record.upload_at) - 60_000).toISOString(),
		})),
	],
	['local time without a zone, five hours behind', localTime(-5)],
	['local time without a zone, eight hours ahead', localTime(8)],
	['no upload time', lostAndShown((record) => ({ ...record, upload_at: '' }))],
];

const CONTENT = randomBytes(1000);
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');

const uploadTo = ({ client }: Scenario, bytes = CONTENT) =>
	client.upload(bufferSource('a.bin', bytes), { chatId: CHAT, timeout: 5 });

describe('an upload to a chat whose answer is lost', () => {
	it.concurrent.each(CERTAIN)('%s: it is found, and there once', (_, setup) =>
		scenario(async (parts) => {
			setup(parts.service);
			expect(await exactlyOnce(parts.service, CONTENT, () => uploadTo(parts))).toBe('uploaded');
		}),
	);

	it.concurrent.each(DOUBTFUL)('%s: it is there once, and never called a failure', (_, setup) =>
		scenario(async (parts) => {
			setup(parts.service);
			const ending = await exactlyOnce(parts.service, CONTENT, () => uploadTo(parts));
			expect(['uploaded', 'unknown']).toContain(ending);
		}),
	);

	it.concurrent.each([...CERTAIN.slice(0, 3), ...DOUBTFUL.slice(0, 1)])(
		'%s, where the service has no directories to be searched: there once',
		(_, setup) =>
			scenario(async (parts) => {
				setup(parts.service);
				parts.service.withoutDirectories();
				const ending = await exactlyOnce(parts.service, CONTENT, () => uploadTo(parts));
				expect(['uploaded', 'unknown']).toContain(ending);
			}),
	);

	it.concurrent.each(CERTAIN.slice(0, 4))('%s, of a file that is streamed: there once', (_, setup) =>
		scenario(async (parts) => {
			setup(parts.service);
			const bytes = randomBytes(3_000_000);
			expect(await exactlyOnce(parts.service, bytes, () => uploadTo(parts, bytes))).toBe('uploaded');
		}),
	);
});

describe('an upload that did not arrive', () => {
	const notDone: [what: string, setup: Setup][] = [
		['503', (service) => service.on('uploadSimpleFile', () => http(503), 1)],
		['504', (service) => service.on('uploadSimpleFile', () => http(504), 1)],
		['a broken connection', (service) => service.on('uploadSimpleFile', () => 'reset', 1)],
		['200 with data null', (service) => service.on('uploadSimpleFile', () => ok(null), 1)],
	];

	it.concurrent.each(notDone)('%s: it is sent again', (_, setup) =>
		scenario(async (parts) => {
			setup(parts.service);
			expect(await exactlyOnce(parts.service, CONTENT, () => uploadTo(parts))).toBe('uploaded');
			expect(parts.service.count('uploadSimpleFile')).toBe(2);
		}),
	);

	it.concurrent.each(notDone)(
		'%s, and an equal file was there before: that is not taken for it',
		(_, setup) =>
			scenario(async (parts) => {
				parts.service.store.add({ filename: 'a.bin', bytes: CONTENT, uploadAt: '2020-01-01T00:00:00Z' });
				setup(parts.service);
				expect(await exactlyOnce(parts.service, CONTENT, () => uploadTo(parts))).toBe('uploaded');
			}),
	);

	it.concurrent.each(DOUBTFUL)(
		'%s, and an equal file was there before: that is not taken for it',
		(_, setup) =>
			scenario(async (parts) => {
				const { service } = parts;
				service.store.add({ filename: 'a.bin', bytes: CONTENT, uploadAt: '2020-01-01T00:00:00Z' });
				setup(service);
				service.on('uploadSimpleFile', () => http(502), 1);
				await exactlyOnce(service, CONTENT, () => uploadTo(parts));
			}),
	);

	it.concurrent('never: it fails, or is unknown', () =>
		scenario(async ({ service, newClient }) => {
			service.on('uploadSimpleFile', () => http(503));
			const client = newClient({ patience: { settle: 1, retry: 0.05 } });
			const upload = () => client.upload(bufferSource('a.bin', CONTENT), { chatId: CHAT, maxTries: 2 });
			const ending: Ending = await exactlyOnce(service, CONTENT, upload);
			expect(ending).not.toBe('uploaded');
		}),
	);
});

describe('an upload outside of chats whose answer is lost', () => {
	const elsewhere = { biz: 'knowledgeBase', bizParams: { base: 7 }, timeout: 5 } as const;
	const upload = ({ client }: Scenario) => client.upload(bufferSource('a.bin', CONTENT), elsewhere);

	it.concurrent.each(CERTAIN.slice(0, 6))('%s: it is found, and there once', (_, setup) =>
		scenario(async (parts) => {
			setup(parts.service);
			expect(await exactlyOnce(parts.service, CONTENT, () => upload(parts))).toBe('uploaded');
		}),
	);

	it.concurrent.each<[string, Setup]>([
		['where there are no directories', (service) => service.withoutDirectories()],
		['where the search finds nothing', (service) => service.on('listFilesInDirectory', () => page(0, []))],
		['where the search fails', (service) => service.on('listFilesInDirectory', () => http(500))],
		['where the biz has no directory', (service) => service.on('listDirectories', () => page(0, []))],
	])('%s: it is not sent twice', (_, setup) =>
		scenario(async (parts) => {
			lost(parts.service);
			setup(parts.service);
			expect(await exactlyOnce(parts.service, CONTENT, () => upload(parts))).toBe('unknown');
		}),
	);
});

describe('what is found is compared exactly', () => {
	/** While the upload is answered with 502, somebody else stores the same content elsewhere. */
	it.concurrent.each([
		['another chat', { bizParams: { chat_id: '43' } }],
		['another biz', { biz: 'knowledgeBase', bizParams: { chat_id: CHAT } }],
		['a name that contains this one', { filename: 'xa.binx' }],
		['a name in capitals', { filename: 'A.BIN' }],
	])('%s is not ours', (_, change) =>
		scenario(async (parts) => {
			const { service } = parts;
			const foreign = () => {
				service.store.add({ filename: 'a.bin', bytes: CONTENT, ...change });
				return http(502);
			};
			service.on('uploadSimpleFile', foreign, 1);
			const { fileId } = await uploadTo(parts);
			expect(service.store.files.get(Number(fileId))).toMatchObject({
				filename: 'a.bin',
				biz: 'chat',
				bizParams: { chat_id: CHAT },
			});
		}),
	);
});

/** That is 200 pages; a look asks for one, of what the search finds. */
describe('in a chat of 20,000 files', () => {
	const LOOKS = ['listChatFiles', 'listDirectories', 'listFilesInDirectory'] as const;
	const costs = (atMost: number, setup: Setup, mode: 'simple' | 'multipart') =>
		scenario(async ({ service, client }) => {
			for (let index = 0; index < 20_000; index += 1) service.store.add({ filename: `photo-${index}.jpg` });
			setup(service);
			const upload = () => client.upload(bufferSource('a.bin', CONTENT), { chatId: CHAT, mode, timeout: 5 });
			expect(await exactlyOnce(service, CONTENT, upload)).toBe('uploaded');
			const looks = LOOKS.map((look) => service.count(look)).reduce((sum, count) => sum + count);
			expect(looks).toBeLessThanOrEqual(atMost);
			expect(service.count('listChatFiles')).toBeLessThan(2);
		});

	it.concurrent.each<[string, Setup, 'simple' | 'multipart']>([
		['a lost answer', lost, 'simple'],
		['an upload in parts', () => undefined, 'multipart'],
		[
			'an upload in parts whose answer to complete is lost',
			(service) => service.on('completeMultipartUpload', (work) => (work(), 'reset'), 1),
			'multipart',
		],
	])('%s costs five requests at most', (_, setup, mode) => costs(5, setup, mode));

	it.concurrent(
		'one that did not arrive costs one at each time when a look is due, and three to be sure',
		() => costs(1 + 8 + 3, (service) => service.on('uploadSimpleFile', () => http(503), 1), 'simple'),
	);
});

it('a sync whose answers are lost in many ways uploads each file once', () =>
	scenario(async ({ service, client, folder }) => {
		const contents = Array.from({ length: 6 }, () => randomBytes(500));
		await Promise.all(contents.map((bytes, index) => writeFile(path.join(folder, `${index}.bin`), bytes)));
		const ways: ((work: () => Answer) => Reaction)[] = [
			(work) => (work(), 'reset'),
			(work) => (work(), http(503)),
			(work) => (service.later(1000, work), http(504)),
			(work) => (work(), ok(null)),
			() => http(503),
			(work) => work(),
		];
		service.on('uploadSimpleFile', (work) => (ways.shift() ?? ((usual) => usual()))(work));
		const items = await client.syncChatFilesToRemote({ chatId: CHAT, localDirectory: folder });
		await service.settled();
		expect(items.map(({ status }) => status)).toEqual(contents.map(() => 'success'));
		for (const bytes of contents) expect(service.store.goodCopies(bytes)).toHaveLength(1);
		expect([...service.store.files.values()].map(({ hashcode }) => hashcode).sort()).toEqual(
			contents.map(md5).sort(),
		);
	}));
