/** What an upload that looks first leaves and replaces, and its words when it does not know, at a service on 127.0.0.1. */
import {
	bufferSource,
	CancelledError,
	Siblings,
	UnknownOutcomeError,
	type UploadOutcome,
} from '../../client';
import { http, page, refused } from '../hostile/support/answers';
import { failureOf, scenario, type Scenario } from '../hostile/support/scenario';
import { CHAT, md5, recordOf } from '../hostile/support/store';

const NAME = 'report.pdf';
const OLD = Buffer.from('what was there');
const NEW = Buffer.from('what replaces it');
const ELSEWHERE = { biz: 'knowledgeBase', bizParams: {} };

const addOld = ({ service }: Scenario, more: object = {}) =>
	service.store.add({ filename: NAME, bytes: OLD, ...more }).id;
const idsOf = ({ service }: Scenario) => [...service.store.files.keys()];

/** Uploads the new one to the chat, with one try and short waits. */
const upload = ({ newClient }: Scenario, more: object = {}, source = bufferSource(NAME, NEW)) =>
	newClient({ patience: { settle: 0.05 } }).uploadIfExists(source, {
		chatId: CHAT,
		ifExists: 'replace',
		maxTries: 1,
		...more,
	});

describe('which one is there', () => {
	it.each([
		['the oldest first', [0, 1]],
		['the newest first', [1, 0]],
	])('the newest, listed %s', (_, order) =>
		scenario(async (parts) => {
			const { service } = parts;
			const files = [1, 2].map(() => service.store.add({ filename: NAME, bytes: OLD }));
			const records = order.flatMap((index) => files.slice(index, index + 1)).map(recordOf);
			service.on('listChatFiles', () => page(2, records));
			expect(await upload(parts, { ifExists: 'skip' })).toMatchObject({ status: 'skipped', fileId: 2 });
		}),
	);

	it('one that is being put together', () =>
		scenario(async (parts) => {
			const fileId = addOld(parts, { status: 'merging' });
			expect(await upload(parts, { ifExists: 'skip' })).toMatchObject({ status: 'skipped', fileId });
		}));

	it('skip: what comes meanwhile is not replaced', () =>
		scenario(async (parts) => {
			parts.service.on('uploadSimpleFile', (work) => (addOld(parts), work()));
			expect(await upload(parts, { ifExists: 'skip' })).toMatchObject({ fileId: 2, replaced: [] });
			expect(idsOf(parts)).toEqual([1, 2]);
		}));

	it('skipUnchanged: a source of another size is not read to be compared', () =>
		scenario(async (parts) => {
			const replaced = [addOld(parts)];
			const whole = bufferSource(NAME, NEW);
			let opened = 0;
			const source = {
				fileName: NAME,
				size: whole.size,
				open: (start?: number) => ((opened += 1), whole.open(start)),
			};
			expect(await upload(parts, { ifExists: 'skipUnchanged' }, source)).toMatchObject({ replaced });
			expect(opened).toBe(1);
		}));

	it('where nobody can tell, the error says how to do without', () =>
		scenario(async (parts) => {
			parts.service.withoutDirectories();
			expect(await failureOf(upload(parts, ELSEWHERE))).toMatchObject({
				message: `Uploading "${NAME}" failed: the service cannot tell whether the file exists already`,
				description: 'Choose "Keep Both" in the option "If File Exists": then nothing is looked for.',
			});
		}));
});

describe('what is not replaced', () => {
	/** One of them does not know what became of its file of this name. */
	async function inDoubt(): Promise<Siblings> {
		const siblings = new Siblings();
		const lost = new UnknownOutcomeError('lost', { description: '' });
		await failureOf(siblings.uploading(NAME, () => Promise.reject(lost)));
		return siblings;
	}

	type Row = [what: string, expected: string, run: (parts: Scenario) => Promise<UploadOutcome>];

	it.each<Row>([
		[
			'several, which cannot be listed again',
			'3, but what it replaces (file 1, 2) is still there: Looking for file 3 failed: denied (HTTP 403, code 1)',
			(parts) => {
				addOld(parts);
				addOld(parts);
				parts.service.on('listFilesInDirectory', () => refused('denied', 403));
				return upload(parts);
			},
		],
		[
			'none that was seen, where no list can be had',
			'1, but whether an older file is still there is not known: Looking for file 1 failed: denied (HTTP 403, code 1)',
			(parts) => {
				parts.service.on('listFilesInDirectory', () => refused('denied', 403));
				return upload(parts);
			},
		],
		[
			'one, and the new one failed',
			'2, but what it replaces (file 1) is still there: the new one is not seen to be complete',
			(parts) => {
				addOld(parts);
				parts.service.nature.show = (record) => (record.id === 1 ? record : { ...record, status: 'error' });
				return upload(parts);
			},
		],
		[
			'one, and the search is gone',
			'2, but what it replaces (file 1) is still there: the new one is not seen to be complete',
			(parts) => {
				addOld(parts, ELSEWHERE);
				parts.service.on('uploadSimpleFile', (work) => (parts.service.withoutDirectories(), work()));
				return upload(parts, ELSEWHERE);
			},
		],
		[
			'one that a sibling may have sent',
			'2, but what it replaces (file 1) is still there: one of them may be what another upload of this run has sent',
			async (parts) => {
				addOld(parts);
				return await upload(parts, { siblings: await inDoubt() });
			},
		],
		[
			'one that is listed and not found',
			'2, but what it replaces (file 1) is still there: the service lists file 1, and does not find it to delete it',
			(parts) => {
				addOld(parts);
				parts.service.on('deleteFile', () => http(404));
				return upload(parts);
			},
		],
		[
			'one that came after what is continued began',
			'1, but what it replaces (file 2) is still there: the upload that was continued began before it came',
			(parts) => {
				const [size, hashcode] = [NEW.length, md5(NEW)];
				const unfinished = { size: 5 * 1024 * 1024, arrived: new Map<number, Buffer>() };
				addOld(parts, { bytes: Buffer.alloc(0), size, hashcode, status: 'uploading', parts: unfinished });
				addOld(parts);
				return upload(parts, { mode: 'multipart' });
			},
		],
	])('%s', (_, expected, run) =>
		scenario(async (parts) => {
			expect(await failureOf(run(parts))).toMatchObject({
				name: 'NotReplacedError',
				message: `"${NAME}" was uploaded as file ${expected}`,
				description: 'Delete the older file, or run it again: then both are replaced.',
			});
		}),
	);

	it('nothing, whatever is in doubt: no error', () =>
		scenario(async (parts) => {
			expect(await upload(parts, { siblings: await inDoubt() })).toMatchObject({ replaced: [] });
		}));

	it.each(['listFilesInDirectory', 'deleteFile'] as const)('one, when %s is cancelled', (endpoint) =>
		scenario(async (parts) => {
			addOld(parts);
			const stop = new AbortController();
			parts.service.on(endpoint, () => (stop.abort(), 'silence'));
			expect(await failureOf(upload(parts, { signal: stop.signal }))).toBeInstanceOf(CancelledError);
		}),
	);

	it('the rest, when it is cancelled after one was refused: that is no error of the service', () =>
		scenario(async (parts) => {
			for (let count = 0; count < 3; count += 1) addOld(parts);
			const stop = new AbortController();
			let asked = 0;
			parts.service.on('deleteFile', () => {
				asked += 1;
				if (asked === 1) return http(403);
				stop.abort();
				return 'silence';
			});
			expect(await failureOf(upload(parts, { signal: stop.signal }))).toBeInstanceOf(CancelledError);
		}));
});
