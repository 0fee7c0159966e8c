/** Upload or replace: what is there is left, or replaced by what has arrived, and nothing else is touched. */
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';

import {
	bufferSource,
	CancelledError,
	NotReplacedError,
	ServiceError,
	Siblings,
	StalledError,
	type UploadIfExists,
} from '../../client';
import { http, page } from './support/answers';
import { failureOf, scenario, type Scenario } from './support/scenario';
import { CHAT, md5, recordOf } from './support/store';

const OLD = randomBytes(1000);
const NEW = randomBytes(1000);
const NAME = 'report.pdf';

const upload = (
	{ client }: Scenario,
	ifExists: UploadIfExists,
	bytes = NEW,
	place: object = { chatId: CHAT },
) => client.uploadIfExists(bufferSource(NAME, bytes), { ...place, ifExists });

const idsOf = ({ service }: Scenario) => service.store.named(NAME).map(({ id }) => id);

describe.each([
	['by search', () => undefined],
	['where the service has no search', ({ service }: Scenario) => service.withoutDirectories()],
])('%s', (_, prepare) => {
	const inChat = (test: (parts: Scenario) => Promise<void>) =>
		scenario(async (parts) => {
			prepare(parts);
			await test(parts);
		});

	it.each<UploadIfExists>(['keepBoth', 'skip', 'skipUnchanged', 'replace'])(
		'%s: what is not there goes up',
		(ifExists) =>
			inChat(async (parts) => {
				parts.service.store.add({ filename: NAME, bytes: OLD, bizParams: { chat_id: 'another' } });
				parts.service.store.add({ filename: 'another.pdf', bytes: NEW });
				expect(await upload(parts, ifExists)).toMatchObject({ status: 'uploaded', replaced: [] });
				expect(parts.service.store.files.size).toBe(3);
			}),
	);

	it('keepBoth: what is there stays beside it', () =>
		inChat(async (parts) => {
			const old = parts.service.store.add({ filename: NAME, bytes: OLD });
			expect(await upload(parts, 'keepBoth')).toMatchObject({ status: 'uploaded', replaced: [] });
			expect(idsOf(parts)).toEqual([old.id, old.id + 1]);
			expect(parts.service.count('listChatFiles') + parts.service.count('listFilesInDirectory')).toBe(0);
		}));

	it('skip: what is there stays, whatever its content, and nothing is sent', () =>
		inChat(async (parts) => {
			const { id } = parts.service.store.add({ filename: NAME, bytes: OLD });
			const size = OLD.length;
			expect(await upload(parts, 'skip')).toEqual({
				status: 'skipped',
				fileId: id,
				fileName: NAME,
				size,
				reason: 'exists',
			});
			expect(parts.service.count('uploadSimpleFile')).toBe(0);
		}));

	it('skipUnchanged: the same content stays, another one is replaced', () =>
		inChat(async (parts) => {
			const { id } = parts.service.store.add({ filename: NAME, bytes: OLD });
			expect(await upload(parts, 'skipUnchanged', OLD)).toMatchObject({ fileId: id, reason: 'unchanged' });
			expect(await upload(parts, 'skipUnchanged')).toMatchObject({ status: 'uploaded', replaced: [id] });
			expect(parts.service.store.named(NAME).map(({ bytes }) => bytes)).toEqual([NEW]);
		}));

	it('skipUnchanged: what has no hash cannot be shown to be the same, and is replaced', () =>
		inChat(async (parts) => {
			const { id } = parts.service.store.add({ filename: NAME, bytes: OLD, hashcode: '' });
			expect(await upload(parts, 'skipUnchanged', OLD)).toMatchObject({ replaced: [id] });
		}));

	it('replace: every older one of the name goes, when the new one is complete', () =>
		inChat(async (parts) => {
			const old = [1, 2, 3].map(() => parts.service.store.add({ filename: NAME, bytes: OLD }).id);
			const before = parts.service.store.add({ filename: NAME, bytes: OLD, bizParams: { chat_id: '43' } });
			const { fileId, ...outcome } = await upload(parts, 'replace');
			expect(outcome).toMatchObject({ status: 'uploaded', replaced: old });
			expect(idsOf(parts)).toEqual([before.id, fileId]);
		}));

	it('what failed, or is still going up, is not there: it is neither replaced nor left instead', () =>
		inChat(async (parts) => {
			const others = (['error', 'uploading'] as const).map(
				(status) => parts.service.store.add({ filename: NAME, bytes: OLD, status }).id,
			);
			expect(await upload(parts, 'skip')).toMatchObject({ status: 'uploaded' });
			expect(await upload(parts, 'replace')).toMatchObject({ status: 'uploaded' });
			expect(idsOf(parts)).toEqual([...others, Math.max(...idsOf(parts))]);
		}));
});

it('an upload that fails deletes nothing', () =>
	scenario(async (parts) => {
		const { id } = parts.service.store.add({ filename: NAME, bytes: OLD });
		parts.service.on('uploadSimpleFile', () => http(403));
		expect(await failureOf(upload(parts, 'replace'))).toBeInstanceOf(ServiceError);
		expect(idsOf(parts)).toEqual([id]);
		expect(parts.service.count('deleteFile')).toBe(0);
	}));

it('an upload that is answered, and never seen to be complete, deletes nothing', () =>
	scenario(async (parts) => {
		const { id } = parts.service.store.add({ filename: NAME, bytes: OLD });
		parts.service.nature.show = (record) => (record.id === id ? record : { ...record, status: 'error' });
		const error = await failureOf(upload(parts, 'replace'));
		expect(error).toBeInstanceOf(NotReplacedError);
		expect(error.message).toContain(`what it replaces (file ${id}) is still there`);
		expect(parts.service.count('deleteFile')).toBe(0);
	}));

it('an upload that is still being put together replaces nothing before it is complete', () =>
	scenario(async (parts) => {
		const { id } = parts.service.store.add({ filename: NAME, bytes: OLD });
		parts.service.nature.show = (record, age) =>
			record.id === id || age > 1000 ? record : { ...record, status: 'merging' };
		let shown: boolean | undefined;
		parts.service.on('deleteFile', (work) => {
			const [, fresh] = parts.service.store.named(NAME);
			shown = fresh && Date.now() - fresh.bornAt > 1000;
			return work();
		});
		expect(await upload(parts, 'replace')).toMatchObject({ replaced: [id] });
		expect(shown).toBe(true);
	}));

describe('uploads that belong together', () => {
	const together = (parts: Scenario) => {
		const siblings = new Siblings();
		return (bytes: Buffer, options: object) =>
			parts.client.uploadIfExists(bufferSource(NAME, bytes), {
				chatId: CHAT,
				ifExists: 'replace',
				siblings,
				...options,
			});
	};
	const statuses = async (uploads: Promise<unknown>[]) =>
		(await Promise.allSettled(uploads)).map(({ status }) => status);

	it('replace what was there before, and not each other, however they name the same place', () =>
		scenario(async (parts) => {
			const place = { biz: 'knowledgeBase', bizParams: { space: 's', number: 1 } };
			const old = parts.service.store.add({ filename: NAME, bytes: OLD, ...place }).id;
			parts.service.on('deleteFile', async (work) => {
				await new Promise((resolve) => setTimeout(resolve, 100));
				return work();
			});
			const upload = together(parts);
			const other = { ...place, bizParams: { number: 1, space: 's' } };
			expect(await Promise.all([upload(NEW, place), upload(OLD, other)])).toMatchObject([
				{ replaced: [old] },
				{ replaced: [] },
			]);
			expect(idsOf(parts)).toEqual([old + 1, old + 2]);
		}));

	it('do not replace what another one was told to be the same', () =>
		scenario(async (parts) => {
			const [one, two] = [NEW, OLD].map((bytes) => parts.service.store.add({ filename: NAME, bytes }).id);
			const upload = together(parts);
			const skip = { ifExists: 'skipUnchanged' };
			expect(await upload(OLD, skip)).toMatchObject({ status: 'skipped', fileId: two });
			expect(await upload(NEW, skip)).toMatchObject({ status: 'uploaded', replaced: [one] });
			expect(idsOf(parts)).toContain(two);
		}));

	it('replace nothing that may be what another one has sent, and say so', () =>
		scenario(async (parts) => {
			const old = parts.service.store.add({ filename: NAME, bytes: OLD }).id;
			const upload = together(parts);
			// It arrives, without a hash by which it could be known.
			parts.service.on(
				'uploadSimpleFile',
				(work) => {
					work();
					for (const file of parts.service.store.named(NAME)) if (file.id !== old) file.hashcode = '';
					return http(502);
				},
				1,
			);
			expect(await statuses([upload(NEW, {}), upload(NEW, {})])).toEqual(['rejected', 'rejected']);
			expect(idsOf(parts)).toEqual([old, old + 1, old + 2]);
		}));
});

it('a file that is never seen in order is no success, with nothing to replace either', () =>
	scenario(async (parts) => {
		parts.service.nature.show = (record) => ({ ...record, status: 'error' });
		expect(await failureOf(upload(parts, 'replace'))).toMatchObject({ name: 'NotReplacedError', fileId: 1 });
	}));

it('an older file that the service does not find to delete, and lists, is not called replaced', () =>
	scenario(async (parts) => {
		const { id } = parts.service.store.add({ filename: NAME, bytes: OLD });
		parts.service.on('deleteFile', () => http(404));
		expect((await failureOf(upload(parts, 'replace'))).message).toContain(`(file ${id}) is still there`);
	}));

it('finds the one of its place among hundreds of other places', () =>
	scenario(async (parts) => {
		const place = { biz: 'knowledgeBase', bizParams: { space: 'mine' } } as const;
		const { id } = parts.service.store.add({ filename: NAME, bytes: OLD, ...place });
		for (let space = 0; space < 150; space++)
			parts.service.store.add({ filename: NAME, biz: 'knowledgeBase', bizParams: { space } });
		expect(await upload(parts, 'replace', NEW, place)).toMatchObject({ replaced: [id] });
	}));

it('in another business a record of the name that cannot be read may be the file', () =>
	scenario(async (parts) => {
		const place = { biz: 'knowledgeBase', bizParams: {} } as const;
		parts.service.store.add({ filename: NAME, bytes: OLD, ...place });
		parts.service.nature.show = (record) => ({ ...record, size: -1 });
		const error = await failureOf(upload(parts, 'skip', NEW, place));
		expect(error.message).toContain('the service cannot tell whether the file exists already');
	}));

it('in a chat, too, also before its business has a directory', () =>
	scenario(async (parts) => {
		parts.service.store.add({ filename: NAME, bytes: OLD });
		parts.service.on('listDirectories', () => page(0, []));
		parts.service.nature.show = (record) => ({ ...record, size: -1 });
		const error = await failureOf(upload(parts, 'skip'));
		expect(error.message).toContain('the service cannot tell whether the file exists already');
		expect(parts.service.count('uploadSimpleFile')).toBe(0);
	}));

it('leaves alone what a list gives of another chat', () =>
	scenario(async (parts) => {
		parts.service.withoutDirectories();
		const other = parts.service.store.add({ filename: NAME, bytes: OLD, bizParams: { chat_id: 'other' } });
		parts.service.on('listChatFiles', () =>
			page(parts.service.store.files.size, [...parts.service.store.files.values()].map(recordOf)),
		);
		expect(await upload(parts, 'replace')).toMatchObject({ replaced: [] });
		expect(idsOf(parts)).toContain(other.id);
	}));

it.each(['never opens', 'gives nothing'])('a small source that %s ends with a cancel, and in time', (what) =>
	scenario(async ({ client }) => {
		const silent = () => Promise.resolve(new Readable({ read: () => undefined }));
		const open = what === 'never opens' ? () => new Promise<Readable>(() => undefined) : silent;
		const source = { fileName: NAME, size: 1000, open };
		const cancelled = { chatId: CHAT, signal: AbortSignal.timeout(20) };
		expect(await failureOf(client.upload(source, cancelled))).toBeInstanceOf(CancelledError);
		const late = await failureOf(client.upload(source, { chatId: CHAT, timeout: 1 }));
		expect(late).toBeInstanceOf(StalledError);
		expect(late.message).toContain('it could not be read within 1 seconds');
	}),
);

it('continued as an older file than what it replaces: both stay, which is said, and the next run replaces both', () =>
	scenario(async (parts) => {
		const bytes = randomBytes(1000);
		const { id } = parts.service.store.add({
			filename: NAME,
			bytes: Buffer.alloc(0),
			size: bytes.length,
			hashcode: md5(bytes),
			status: 'uploading',
			parts: { size: 5 * 1024 * 1024, arrived: new Map() },
		});
		const newer = parts.service.store.add({ filename: NAME, bytes: OLD }).id;
		const options = { chatId: CHAT, mode: 'multipart', ifExists: 'replace' } as const;
		const error = await failureOf(parts.client.uploadIfExists(bufferSource(NAME, bytes), options));
		expect(error).toMatchObject({ name: 'NotReplacedError', fileId: id });
		expect(error.message).toContain(`(file ${newer}) is still there`);
		expect(idsOf(parts)).toEqual([id, newer]);
		expect(await upload(parts, 'replace')).toMatchObject({ replaced: [id, newer] });
	}));

it.each<UploadIfExists>(['skip', 'skipUnchanged', 'replace'])(
	'%s: the first file of another business, which has no directory yet, goes up',
	(ifExists) =>
		scenario(async (parts) => {
			parts.service.on('listDirectories', (work) =>
				parts.service.store.files.size === 0 ? page(0, []) : work(),
			);
			const place = { biz: 'knowledgeBase', bizParams: {} } as const;
			expect(await upload(parts, ifExists, NEW, place)).toMatchObject({ status: 'uploaded' });
			expect(await upload(parts, 'skip', NEW, place)).toMatchObject({ status: 'skipped' });
		}),
);

it('one that cannot be deleted does not keep the others', () =>
	scenario(async (parts) => {
		const [one] = [1, 2, 3].map(() => parts.service.store.add({ filename: NAME, bytes: OLD }).id);
		parts.service.on('deleteFile', () => http(403), 1);
		const error = await failureOf(upload(parts, 'replace'));
		expect(error.message).toContain(`what it replaces (file ${one}) is still there`);
		expect(idsOf(parts)).toEqual([one, Math.max(...idsOf(parts))]);
	}));

it('a list that is behind is waited for', () =>
	scenario(async (parts) => {
		const { id } = parts.service.store.add({ filename: NAME, bytes: OLD });
		parts.service.nature.show = (record, age) => (record.id === id || age > 1000 ? record : undefined);
		expect(await upload(parts, 'replace')).toMatchObject({ status: 'uploaded', replaced: [id] });
	}));

it('a deletion that is refused is an error that names both files; the next run replaces both', () =>
	scenario(async (parts) => {
		const { id } = parts.service.store.add({ filename: NAME, bytes: OLD });
		parts.service.on('deleteFile', () => http(403), 1);
		const error = await failureOf(upload(parts, 'replace'));
		expect(error).toMatchObject({ fileId: id + 1 });
		expect(error.message).toMatch(
			`"${NAME}" was uploaded as file ${id + 1}, but what it replaces (file ${id}) is still there: Deleting file ${id} failed`,
		);
		expect(error.message).toContain(`(file ${id}) is still there`);
		expect(await upload(parts, 'replace')).toMatchObject({ replaced: [id, id + 1] });
		expect(idsOf(parts)).toEqual([id + 2]);
	}));

it('two that replace at once leave the newer one', () =>
	scenario(async (parts) => {
		const { id } = parts.service.store.add({ filename: NAME, bytes: OLD });
		const clients = [parts.newClient(), parts.newClient()];
		await Promise.all(clients.map((client) => upload({ ...parts, client }, 'replace')));
		expect(idsOf(parts)).toEqual([id + 2]);
	}));

it('where nobody can look, an error says so before anything is sent', () =>
	scenario(async (parts) => {
		parts.service.withoutDirectories();
		const error = await failureOf(upload(parts, 'replace', NEW, { biz: 'zero2x', bizParams: {} }));
		expect(error.message).toContain('the service cannot tell whether the file exists already');
		expect(parts.service.count('uploadSimpleFile')).toBe(0);
	}));

it('in another business it is the same place when the parameters are the same', () =>
	scenario(async (parts) => {
		const place = { biz: 'knowledgeBase', bizParams: { space: 'docs', number: 1 } } as const;
		const first = await upload(parts, 'replace', OLD, place);
		await upload(parts, 'replace', OLD, { ...place, bizParams: { space: 'others' } });
		expect(await upload(parts, 'replace', NEW, place)).toMatchObject({ replaced: [first.fileId] });
		expect(await upload(parts, 'skip', NEW, place)).toMatchObject({ status: 'skipped' });
	}));

it('is not misled by newer files whose names hold its own', () =>
	scenario(async (parts) => {
		const { id } = parts.service.store.add({ filename: NAME, bytes: OLD });
		for (let index = 0; index < 250; index++) parts.service.store.add({ filename: `${index}-${NAME}` });
		expect(await upload(parts, 'replace')).toMatchObject({ replaced: [id] });
		expect(parts.service.store.files.size).toBe(251);
	}));

it('costs the same in a chat of 20,000 files', () =>
	scenario(async (parts) => {
		for (let index = 0; index < 20_000; index++) parts.service.store.add({ filename: `photo-${index}.jpg` });
		const { id } = parts.service.store.add({ filename: NAME, bytes: OLD });
		const before = parts.service.calls.length;
		expect(await upload(parts, 'replace')).toMatchObject({ replaced: [id] });
		expect(parts.service.calls.length - before).toBeLessThanOrEqual(7);
	}));
