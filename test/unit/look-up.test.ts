import { CancelledError, UnknownOutcomeError, type FileInfo } from '../../client';
import { BddFileApi, type CallContext, type UploadTarget } from '../../client/api/api';
import {
	findArrived,
	unfinished,
	unknownOutcome,
	verdict,
	type Sought,
} from '../../client/transfer/upload/look-up';
import { Place } from '../../client/transfer/upload/place';
import { http, refused } from '../hostile/support/answers';
import { failureOf, scenario } from '../hostile/support/scenario';
import type { HostileService } from '../hostile/support/service';
import { atService, contextWith, ELSEWHERE, IN_CHAT } from './at-service';

const SECOND = 1_000;
const HOUR = 3600 * SECOND;
const MD5 = '0123456789abcdef0123456789abcdef';
const OTHER_MD5 = 'f'.repeat(32);
const SHA256 = 'a'.repeat(64);

/** Our clock when the upload began. */
const STARTED = Date.parse('2026-03-01T12:00:00Z');

const SOUGHT: Sought = {
	file: { fileName: 'a.bin', size: 1000, biz: 'chat', bizParams: { chat_id: '42' } },
	md5: MD5,
	startedAt: STARTED,
	claimed: new Set(),
};

const iso = (sinceStart: number) => new Date(STARTED + sinceStart).toISOString();
const withoutZone = (sinceStart: number) => iso(sinceStart).slice(0, 19);

/** A record of the file that was sought, a second after the upload began, with what a row changes. */
const record = (change: Partial<FileInfo> = {}): FileInfo => ({
	id: 7,
	filename: 'a.bin',
	size: 1000,
	hashcode: MD5,
	upload_at: iso(SECOND),
	user_id: '1',
	status: 'ok',
	biz: 'chat',
	biz_params: { chat_id: '42' },
	...change,
});

type Verdict = ReturnType<typeof verdict>;
type Row = [what: string, change: Partial<FileInfo>, expected: Verdict];

/** @param skewMs the service's clock less ours */
const judge = (change: Partial<FileInfo>, skewMs: number | undefined = 0, sought: Partial<Sought> = {}) =>
	verdict(record(change), { ...SOUGHT, ...sought }, skewMs);

describe('what a record is to an upload whose answer was lost', () => {
	it.each<Row>([
		['the same in everything', {}, 'mine'],
		['not yet put together', { status: 'merging' }, 'mine'],
		['begun, and not all there', { status: 'uploading' }, 'mine'],
		['failed', { status: 'error' }, 'foreign'],
		['another name', { filename: 'b.bin' }, 'foreign'],
		['the name in capitals', { filename: 'A.BIN' }, 'foreign'],
		['another size', { size: 999 }, 'foreign'],
	])('%s', (_, change, expected) => expect(judge(change)).toBe(expected));

	it.each<Row>([
		['another MD5', { hashcode: OTHER_MD5 }, 'foreign'],
		['another MD5 in capitals', { hashcode: OTHER_MD5.toUpperCase() }, 'foreign'],
		['the MD5 in capitals', { hashcode: MD5.toUpperCase() }, 'mine'],
		['no hash', { hashcode: '' }, 'doubtful'],
		['a SHA-256', { hashcode: SHA256 }, 'doubtful'],
		['31 digits', { hashcode: MD5.slice(1) }, 'doubtful'],
		['the MD5 in Base64', { hashcode: 'ASNFZ4mrze8BI0VniavN7w==' }, 'doubtful'],
		['the MD5 and more', { hashcode: `md5:${MD5}` }, 'doubtful'],
	])('%s', (_, change, expected) => expect(judge(change)).toBe(expected));

	it.each<Row>([
		['at the same moment', { upload_at: iso(0) }, 'mine'],
		['three seconds before, which a Date of whole seconds explains', { upload_at: iso(-3 * SECOND) }, 'mine'],
		['a millisecond more before', { upload_at: iso(-3 * SECOND - 1) }, 'doubtful'],
		['a minute before', { upload_at: iso(-60 * SECOND) }, 'doubtful'],
		['26 hours before', { upload_at: iso(-26 * HOUR) }, 'doubtful'],
		['older than any zone or clock explains', { upload_at: iso(-26 * HOUR - 1) }, 'foreign'],
		['an hour later', { upload_at: iso(HOUR) }, 'mine'],
		['no time', { upload_at: '' }, 'doubtful'],
		['a time that is none', { upload_at: 'yesterday' }, 'doubtful'],
		['a day that does not exist', { upload_at: '2026-13-01T12:00:00Z' }, 'doubtful'],
	])('uploaded %s', (_, change, expected) => expect(judge(change)).toBe(expected));

	it.each<Row>([
		['a second later', { upload_at: withoutZone(SECOND) }, 'doubtful'],
		['eight hours later', { upload_at: withoutZone(8 * HOUR) }, 'doubtful'],
		['eight hours before', { upload_at: withoutZone(-8 * HOUR) }, 'doubtful'],
		['older than any zone explains', { upload_at: withoutZone(-27 * HOUR) }, 'foreign'],
	])('a time without a zone proves nothing, wherever it is read: %s', (_, change, expected) =>
		expect(judge(change)).toBe(expected),
	);

	it.each<Row>([
		['+08:00', { upload_at: '2026-03-01T20:00:01+08:00' }, 'mine'],
		['+0800', { upload_at: '2026-03-01 20:00:01.5 +0800' }, 'mine'],
		['-05', { upload_at: '2026-03-01T07:00:01-05' }, 'mine'],
		['+08:00, an hour before', { upload_at: '2026-03-01T19:00:01+08:00' }, 'doubtful'],
	])('a time in another zone: %s', (_, change, expected) => expect(judge(change)).toBe(expected));

	it.each<[what: string, skewMs: number | undefined, sinceStart: number, expected: Verdict]>([
		['three hours ahead, and new', 3 * HOUR, 3 * HOUR + SECOND, 'mine'],
		['three hours ahead, and made an hour before', 3 * HOUR, 2 * HOUR, 'doubtful'],
		['three hours behind, and new', -3 * HOUR, -3 * HOUR + SECOND, 'mine'],
		['three hours behind, and made an hour before', -3 * HOUR, -4 * HOUR, 'doubtful'],
		['two days behind, and new', -48 * HOUR, -48 * HOUR + SECOND, 'mine'],
		['two days ahead, and old', 48 * HOUR, 0, 'foreign'],
		['not known, and new', undefined, SECOND, 'doubtful'],
		['not known, and old', undefined, -100 * HOUR, 'doubtful'],
	])("the service's clock is %s", (_, skewMs, sinceStart, expected) =>
		expect(verdict(record({ upload_at: iso(sinceStart) }), SOUGHT, skewMs)).toBe(expected),
	);

	it.each<[what: string, id: FileInfo['id'], claimed: string[], expected: Verdict]>([
		['this id', 7, ['7'], 'foreign'],
		['another id', 7, ['77'], 'mine'],
		['this id, beyond 2^53', '1955228426376908801', ['1955228426376908801'], 'foreign'],
	])('what was given to another upload is no answer: %s', (_, id, claimed, expected) =>
		expect(judge({ id }, 0, { claimed: new Set(claimed) })).toBe(expected),
	);
});

describe('a search for what may have arrived', () => {
	/** Looks for an upload that begins now. */
	async function look(
		{ url }: HostileService,
		target: UploadTarget,
		more: Partial<CallContext> = {},
	): Promise<string | undefined> {
		const sought = { ...SOUGHT, file: { ...SOUGHT.file, ...target }, startedAt: Date.now() };
		const api = new BddFileApi(url, {});
		try {
			return await findArrived(
				api,
				sought,
				new Error('The line broke'),
				contextWith({ settleMs: 50, ...more }),
			);
		} finally {
			api.close();
		}
	}
	const arrives = ({ store }: HostileService, more: object = {}) =>
		store.add({ filename: 'a.bin', size: 1000, hashcode: MD5, ...more });

	it.each([
		['a chat', IN_CHAT],
		['another place', ELSEWHERE],
	])('ends with the first look that shows it, in %s, and tells that it began', (_, target) =>
		scenario(async ({ service }) => {
			arrives(service, target);
			const told: string[] = [];
			expect(await look(service, target, { onRetry: (message) => told.push(message) })).toBe('1');
			expect(service.calls.map(({ endpoint }) => endpoint)).toEqual([
				'listDirectories',
				'listFilesInDirectory',
			]);
			expect(told).toEqual(['The line broke. Looking for "a.bin" for up to 0.05 s, as it may have arrived']);
		}),
	);

	it('goes on over the settling time', () =>
		scenario(async ({ service }) => {
			let begun = Infinity;
			service.on('listDirectories', (work) => ((begun = Date.now()), work()));
			service.nature.show = (shown) => (Date.now() - begun > 90 ? shown : undefined);
			arrives(service);
			expect(await look(service, IN_CHAT, { settleMs: 100 })).toBe('1');
		}));

	it('does not look again at once', () =>
		scenario(async ({ service }) => {
			const stop = new AbortController();
			// The second look is minutes away, unless it comes at once.
			service.on('listFilesInDirectory', (work) => (service.later(200, () => stop.abort()), work()));
			const looking = look(service, IN_CHAT, { settleMs: HOUR, signal: stop.signal });
			expect(await failureOf(looking)).toBeInstanceOf(CancelledError);
			expect(service.count('listFilesInDirectory')).toBe(1);
		}));

	it('that shows it on its way waits until it is complete', () =>
		scenario(async ({ service }) => {
			let looks = 0;
			service.nature.show = (shown) => ((looks += 1) < 4 ? { ...shown, status: 'uploading' } : shown);
			arrives(service);
			expect(await look(service, IN_CHAT)).toBe('1');
			expect(looks).toBe(4);
		}));

	it.each<[what: string, why: string, target: UploadTarget, prepare: (service: HostileService) => void]>([
		[
			'cannot be made',
			'files of biz "knowledgeBase" cannot be looked up',
			ELSEWHERE,
			(service) => service.withoutDirectories(),
		],
		[
			'finds nothing, where a list cannot be had',
			'a search that finds nothing proves nothing',
			ELSEWHERE,
			() => undefined,
		],
		[
			'finds what may be another one',
			'there is a file of this name and size that may be it or an older one',
			IN_CHAT,
			(service) => arrives(service, { hashcode: '' }),
		],
		[
			'is refused',
			'the files that are there could not be listed either (Uploading "a.bin" failed: denied (HTTP 403, code 1))',
			IN_CHAT,
			(service) => service.on('listFilesInDirectory', () => refused('denied', 403)),
		],
	])('that %s leaves it unknown', (_, why, target, prepare) =>
		scenario(async ({ service }) => {
			prepare(service);
			const error = await failureOf(look(service, target));
			expect(error).toBeInstanceOf(UnknownOutcomeError);
			expect(error.message).toBe(
				`Uploading "a.bin" failed, and it is not known whether the file arrived, because ${why}. The line broke`,
			);
		}),
	);

	it.each([
		['breaks off', () => 'reset' as const],
		['a gateway answers', () => http(502)],
	])('that %s leaves it unknown', (_, reaction) =>
		scenario(async ({ service }) => {
			service.on('listFilesInDirectory', reaction);
			const error = await failureOf(look(service, IN_CHAT));
			expect(error).toBeInstanceOf(UnknownOutcomeError);
			expect(error.message).toContain('because the files that are there could not be listed either (');
		}),
	);
});

it('unfinished uploads are those of the same name, size and MD5 that are not complete, the newest first', () =>
	atService(async ({ service, api }) => {
		const bytes = Buffer.alloc(1000);
		const same = { filename: 'a.bin', bytes, hashcode: MD5.toUpperCase(), status: 'uploading' } as const;
		const older = service.store.add(same);
		service.store.add({ ...same, filename: 'b.bin' });
		service.store.add({ ...same, status: 'ok' });
		service.store.add({ ...same, bytes: Buffer.alloc(999) });
		service.store.add({ ...same, hashcode: OTHER_MD5 });
		const newer = service.store.add(same);
		const place = new Place(api, IN_CHAT, contextWith());
		const found = await unfinished(place, SOUGHT.file, MD5);
		expect(found.map(({ id }) => id)).toEqual([newer.id, older.id]);
	}));

it.each<[cause: Error | undefined, end: string]>([
	[undefined, ''],
	[new Error('It broke'), ' It broke'],
])('what is not known is said, with its reason and what to do: %p', (cause, end) => {
	const error = unknownOutcome(SOUGHT.file, contextWith(), cause, 'nobody tells');
	expect(error.cause).toBe(cause);
	expect(error).toMatchObject({
		message: `Uploading "a.bin" failed, and it is not known whether the file arrived, because nobody tells.${end}`,
		description: 'Check whether "a.bin" is there before you upload it again, or it may exist twice.',
	});
});
