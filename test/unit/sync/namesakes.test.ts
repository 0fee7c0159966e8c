import { MODES, type Round } from '../../../client/sync/modes';
import { pairNamesakes } from '../../../client/sync/namesakes';
import { sameContent } from '../../../client/sync/same';
import type { LocalEntry, RemoteFile, SyncedFile } from '../../../client/sync/trees';
import { md5 } from './memory-remote';
import { localFile, remoteFile, rulesFor, treesOf } from './trees';

/** Which of the chat's files each local one has: `path: id`. */
function paired(
	local: readonly LocalEntry[],
	remote: readonly RemoteFile[],
	{ rounds = MODES.toRemote.rounds, synced = [] }: { rounds?: readonly Round[]; synced?: SyncedFile[] } = {},
): string[] {
	const rules = rulesFor('toRemote', { mode: { ...MODES.toRemote, rounds } });
	const pairs = pairNamesakes(treesOf({ local, remote, synced }), rules);
	return [...pairs].map(([{ path }, { id }]) => `${path}: ${id}`);
}

const SECOND = 1_700_000_000_000;
const SHA = 'ab'.repeat(32);
const md5Of = (text: string) => ({ algorithm: 'md5' as const, hex: md5(text) });

it('two namesakes have the same content for the round that looks for it, when they have by the one rule of equality', () => {
	const sizes = [1, 2];
	const times = [0, 0.4, 1, 122.9998, 123, 123.0002, 123.4, 1000].map((after) => SECOND + after);
	const read = [undefined, [], [md5Of('x')], [md5Of('y'), { algorithm: 'sha256' as const, hex: SHA }]];
	const locals = sizes.flatMap((size) =>
		times.flatMap((mtimeMs) =>
			read.flatMap((checksums) =>
				[true, false].map((isTimeSet) =>
					localFile({ size, mtimeMs, isTimeSet, ...(checksums && { checksums }) }),
				),
			),
		),
	);
	const uploads = [undefined, SECOND, SECOND + 123, SECOND + 999, SECOND + 1000];
	const remotes = sizes.flatMap((size) =>
		uploads.flatMap((uploadedMs) =>
			['', md5('x'), md5('y'), SHA].map((hash) => remoteFile({ id: 7, size, uploadedMs, hash })),
		),
	);
	const differing = locals.flatMap((local) =>
		remotes
			.filter((remote) => {
				const isPaired = paired([local], [remote], { rounds: ['content'] }).length > 0;
				return isPaired !== (sameContent(local, remote) !== undefined);
			})
			.map((remote) => ({ local, remote })),
	);
	expect(differing).toEqual([]);
});

it('of two with one content the complete one is taken, and else the older one', () => {
	const merging = remoteFile({ id: 1, status: 'merging' });
	const [complete, later] = [remoteFile({ id: 2 }), remoteFile({ id: 3 })];
	for (const files of [
		[merging, complete, later],
		[later, complete, merging],
		[complete, merging, later],
	]) {
		expect(paired([localFile()], files)).toEqual(['a.txt: 2']);
		expect(paired([localFile({ path: 'x/a.txt' }), localFile({ path: 'y/a.txt' })], files)).toEqual([
			'x/a.txt: 2',
			'y/a.txt: 3',
		]);
	}
});

it('something else than a file has no namesake, and leaves it to a file', () => {
	const link: LocalEntry = { kind: 'link', path: 'x/a.txt', name: 'a.txt' };
	expect(paired([link, localFile({ path: 'y/a.txt', size: 2 })], [remoteFile({ id: 1 })])).toEqual([
		'y/a.txt: 1',
	]);
});

it('what the memory has paired is nobody else’s, also when it would be the better partner', () => {
	const remembered = { path: 'x/a.txt', id: 1, size: 2, hash: '', mtimeMs: 0 };
	const local = [localFile({ path: 'w/a.txt', size: 2 }), localFile({ path: 'x/a.txt', size: 1 })];
	const remote = [remoteFile({ id: 1, size: 2 }), remoteFile({ id: 2, size: 3 })];
	expect(paired(local, remote, { synced: [remembered] }).sort()).toEqual(['w/a.txt: 2', 'x/a.txt: 1']);
});

it('a file that is gone from its queue to another round makes room for the next one', () => {
	const local = ['v', 'w', 'x'].map((folder, index) =>
		localFile({ path: `${folder}/a.txt`, size: index + 1 }),
	);
	const remote = [3, 2, 9].map((size, index) => remoteFile({ id: index + 1, size }));
	expect(paired(local, remote).sort()).toEqual(['v/a.txt: 3', 'w/a.txt: 2', 'x/a.txt: 1']);
});

it('what is as the memory has it, and in the chat under an id of which the memory never heard, is found by its hash', () => {
	const local = localFile();
	const remote = [remoteFile({ id: 1, hash: md5('theirs') }), remoteFile({ id: 3, hash: md5('own') })];
	const before = { path: 'a.txt', id: 2, size: 1, hash: md5('own'), mtimeMs: local.mtimeMs };
	expect(paired([local], remote, { synced: [before] })).toEqual(['a.txt: 3']);
	expect(paired([local], remote, { synced: [{ ...before, mtimeMs: 0 }] })).toEqual(['a.txt: 1']);
	expect(paired([local], remote, { synced: [{ ...before, hash: '' }] })).toEqual(['a.txt: 1']);
});
