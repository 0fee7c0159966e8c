import {
	carriesUploadTime,
	decidingHash,
	reliableTime,
	remoteSameAsRemembered,
	sameAsRemembered,
	sameContent,
} from '../../../client/sync/same';
import { NO_TIME, type SyncedFile } from '../../../client/sync/trees';
import { md5 } from './memory-remote';
import { localFile, remoteFile, syncedFile } from './trees';

const SECOND = 1_700_000_000_000;

const checksums = [
	{ algorithm: 'md5' as const, hex: md5('x') },
	{ algorithm: 'sha256' as const, hex: 'ab'.repeat(32) },
];

describe('a local file and one of the chat', () => {
	it('are the same by one of the hashes that were read, whatever the time', () => {
		const local = localFile({ checksums, mtimeMs: SECOND });
		expect(sameContent(local, remoteFile({ id: 1, hash: md5('x') }))).toBe('content');
		expect(sameContent(local, remoteFile({ id: 1, hash: 'ab'.repeat(32) }))).toBe('content');
		expect(sameContent(local, remoteFile({ id: 1, hash: md5('y'), uploadedMs: SECOND }))).toBeUndefined();
		expect(sameContent(local, remoteFile({ id: 1, hash: md5('x'), size: 2 }))).toBeUndefined();
	});

	it('are the same by the upload time where no hash tells', () => {
		const remote = remoteFile({ id: 1, uploadedMs: SECOND });
		const hashed = { ...remote, hash: md5('x') };
		expect(sameContent(localFile({ mtimeMs: SECOND, checksums }), remote)).toBe('time');
		expect(sameContent(localFile({ mtimeMs: SECOND }), hashed)).toBe('time');
		expect(sameContent(localFile({ mtimeMs: SECOND, isTimeSet: false }), remote)).toBe('time');
		expect(sameContent(localFile({ mtimeMs: SECOND, isTimeSet: false }), hashed)).toBeUndefined();
	});

	it.each([
		[SECOND + 123, SECOND + 123, true],
		[SECOND + 122.9998, SECOND + 123, true],
		[SECOND + 123.0002, SECOND + 123, true],
		[SECOND + 122.6, SECOND + 123, false],
		[SECOND + 123.4, SECOND + 123, false],
		[SECOND, SECOND + 999, true],
		[SECOND + 1, SECOND + 999, false],
		[SECOND, SECOND + 1000, false],
		[SECOND + 1000, SECOND + 999, false],
		[0, undefined, false],
	])('a time of %d carries the upload time %p: %p', (mtimeMs, uploadedMs, carries) => {
		expect(carriesUploadTime({ mtimeMs }, { uploadedMs })).toBe(carries);
	});

	it('are told apart by the hash that the service knows, of a file of that size', () => {
		const local = localFile();
		expect(decidingHash(local, { size: 1, hash: md5('x') })).toBe('md5');
		expect(decidingHash(local, { size: 1, hash: 'ab'.repeat(32) })).toBe('sha256');
		expect(decidingHash(local, { size: 2, hash: md5('x') })).toBeUndefined();
		expect(decidingHash(local, { size: 1, hash: '' })).toBeUndefined();
	});
});

describe('what is remembered', () => {
	const synced = (file: Partial<SyncedFile> = {}) => syncedFile({ id: 5, mtimeMs: SECOND, ...file });

	it.each([
		[SECOND, SECOND, NO_TIME],
		[SECOND, SECOND + 2000, NO_TIME],
		[SECOND, SECOND - 2000, NO_TIME],
		[SECOND, SECOND + 2001, SECOND],
		[SECOND, SECOND - 2001, SECOND],
		[SECOND + 1, SECOND + 1, SECOND + 1],
	])('of the time %d at %d is %d', (mtimeMs, now, kept) => expect(reliableTime(mtimeMs, now)).toBe(kept));

	it('is a local file of the same size, and the same time or content', () => {
		const local = localFile({ mtimeMs: SECOND });
		expect(sameAsRemembered(local, synced())).toBe(true);
		expect(sameAsRemembered(local, synced({ size: 2 }))).toBe(false);
		expect(sameAsRemembered(local, synced({ mtimeMs: 1, hash: md5('x') }))).toBe(false);
		expect(sameAsRemembered({ ...local, checksums }, synced({ mtimeMs: 1, hash: md5('x') }))).toBe(true);
		expect(sameAsRemembered({ ...local, checksums }, synced({ mtimeMs: 1, hash: md5('y') }))).toBe(false);
		const unread = [{ algorithm: 'md5' as const, hex: '' }];
		expect(sameAsRemembered({ ...local, checksums: unread }, synced({ mtimeMs: 1 }))).toBe(false);
	});

	it('is a file of the chat with the same content, or with the same id where the hashes cannot be compared', () => {
		const known = synced({ hash: md5('x') });
		const same = (file: Parameters<typeof remoteFile>[0], other = known) =>
			remoteSameAsRemembered(remoteFile(file), other);
		expect(same({ id: 6, hash: md5('x') })).toBe(true);
		expect(same({ id: 5, hash: md5('y') })).toBe(false);
		expect(same({ id: 5, hash: md5('x'), size: 2 })).toBe(false);
		expect(same({ id: 5, hash: 'ab'.repeat(32) })).toBe(true);
		expect(same({ id: 6, hash: 'ab'.repeat(32) })).toBe(false);
		expect(same({ id: 6 }, synced())).toBe(false);
		expect(same({ id: 5 }, synced())).toBe(true);
	});
});
