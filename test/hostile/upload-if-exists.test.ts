/** Upload or replace: what is there is left, or replaced by what has arrived, and nothing else is touched. */
import { randomBytes } from 'node:crypto';

import { bufferSource, NotReplacedError, ServiceError, type UploadIfExists } from '../../client';
import { http } from './support/answers';
import { failureOf, scenario, type Scenario } from './support/scenario';
import { CHAT } from './support/store';

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
		expect(error.message).toContain(`succeeded as file ${id + 1}`);
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
