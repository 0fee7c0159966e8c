import { foldedName } from '../../../client/sync/disk-names';
import type { MODES, Rules } from '../../../client/sync/modes';
import { planSync } from '../../../client/sync/plan';
import type { LocalFile, RemoteFile, SyncedFile } from '../../../client/sync/trees';
import { md5 } from './memory-remote';
import { localFile, remoteFile, rulesFor, treesOf } from './trees';

describe('what is written down as the same', () => {
	const hash = md5('x');
	const sha256 = 'ab'.repeat(32);
	const same = (
		mode: keyof typeof MODES,
		local: Partial<LocalFile>,
		remote: Partial<RemoteFile>,
		synced?: SyncedFile,
		rules?: Partial<Rules>,
	) => {
		const trees = treesOf({
			local: [localFile({ checksums: [{ algorithm: 'md5', hex: hash }], ...local })],
			remote: [remoteFile({ id: 5, ...remote })],
			synced: synced ? [synced] : [],
		});
		const [step] = planSync(trees, rulesFor(mode, rules)).steps;
		if (step?.kind !== 'leave') throw new Error(`A file that is the same is left alone, not: ${step?.kind}`);
		return step.same;
	};
	const mtimeMs = localFile().mtimeMs;
	const known: SyncedFile = { path: 'a.txt', id: 5, size: 1, hash, mtimeMs };

	it('path, id, size, hash and time', () => {
		expect(same('both', {}, { hash })).toEqual(known);
		expect(same('toRemote', {}, { hash })).toEqual(known);
	});

	it('the name in the chat where it is another', () => {
		const rules = { keyOf: foldedName };
		expect(same('both', {}, { hash, name: 'A.txt' }, undefined, rules)).toEqual({
			...known,
			remoteName: 'A.txt',
		});
	});

	it('the very object where nothing is new', () => {
		const synced = { ...known };
		expect(same('both', {}, { hash }, synced)).toBe(synced);
	});

	it.each<[string, Partial<SyncedFile>, Partial<Rules>]>([
		['time', { mtimeMs: 0 }, {}],
		['size', { size: 2 }, {}],
		['path', { path: 'A.txt' }, { keyOf: foldedName }],
	])('anew when the %s is another', (_, before, rules) =>
		expect(same('both', {}, { hash }, { ...known, ...before }, rules)).toEqual(known),
	);

	it('the hash that our own upload has told, where the service has forgotten it', () => {
		const before = { ...known, mtimeMs: 0 };
		expect(same('both', {}, {}, before)).toEqual(known);
		// Another file of the chat says nothing about this one.
		expect(same('both', {}, { id: 6, uploadedMs: mtimeMs }, before)).toEqual({
			...known,
			id: 6,
			hash: '',
		});
	});

	it('the hash that the service knows now, where it knows another one', () =>
		expect(same('both', {}, { hash: sha256 }, { ...known, mtimeMs: 0 })).toEqual({
			...known,
			hash: sha256,
		}));

	it('nothing while the service is still putting the file together', () => {
		const merging = { hash, status: 'merging' as const };
		expect(same('toRemote', {}, merging)).toBeUndefined();
		expect(same('toRemote', {}, merging, undefined, { ifExists: 'skipUnchanged' })).toBeUndefined();
	});

	it('nothing of a file that is there with other content', () =>
		expect(same('toRemote', {}, { hash: md5('y') })).toBeUndefined());
});
